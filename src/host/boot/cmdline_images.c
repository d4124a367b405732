/* The command line that is built into a unified kernel image. */
#include "host/boot/cmdline_ways.h"

#include "host/boot/bls.h"
#include "host/boot/uki.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* Kernels take a few kilobytes. */
#define SECTION_LIMIT ((size_t)64 * 1024)

static int read_at(int fd, char *buffer, size_t size, off_t offset, size_t *ret_size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t got = pread(fd, buffer + done, size - done, offset + (off_t)done);

		if (got < 0 && errno != EINTR)
			return -errno;
		if (!got)
			break;
		done += got > 0 ? (size_t)got : 0;
	}
	*ret_size = done;
	return 0;
}

/* The text of the section. -ENOENT when the image has none, and takes what the loader gives it. */
static int read_section(struct host *host, const char *path, char **ret_text)
{
	cleanup(fd) int fd = host_open(host, path, 0);
	char head[UKI_HEAD], *text;
	struct uki_section section;
	size_t size = 0;
	int error;

	if (fd < 0)
		return fd;
	error = read_at(fd, head, sizeof(head), 0, &size);
	if (!error)
		error = uki_find((const unsigned char *)head, size, ".cmdline", &section);
	if (!error && section.size > SECTION_LIMIT)
		error = -EFBIG;
	if (error)
		return error;
	text = arena_alloc(host->arena, (size_t)section.size + 1);
	error = read_at(fd, text, section.size, section.offset, &size);
	if (!error && size < section.size)
		error = -EBADMSG;
	if (!error)
		*ret_text = text;
	return error;
}

/* The newest by its name; one whose tries are used up comes last. */
static const char *newest(struct arena *arena, const struct strv *paths)
{
	struct bls_entry best = {0};
	const char *found = NULL;

	for (size_t i = 0; i < paths->count; i++) {
		struct bls_entry entry;

		bls_name(arena, paths->at[i], ".efi", &entry);
		if (!found || bls_compare(&entry, &best) < 0) {
			best = entry;
			found = paths->at[i];
		}
	}
	return found;
}

/* Add-ons of systemd-stub(7) say more. Whether they are taken depends on who signed them. */
static int add_addons(struct host *host, const char *image, const char *esp,
		      struct cmdline *cmdline)
{
	const char *const patterns[] = {
		arena_printf(host->arena, "%s.extra.d/*.addon.efi", image),
		arena_printf(host->arena, "%s/loader/addons/*.addon.efi", esp),
	};

	for (size_t i = 0; i < N(patterns); i++) {
		struct strv paths = {0};
		int error = host_glob(host, patterns[i], &paths);

		for (size_t k = 0; !error && k < paths.count; k++) {
			char *text = arena_strdup(host->arena, "");

			error = read_section(host, paths.at[k], &text);
			if (error == -ENOENT)
				error = 0;
			cmdline_parse(host->arena, text, paths.at[k], true, cmdline);
		}
		if (error)
			return cmdline_give_up(host, cmdline, patterns[i], error);
	}
	return 1;
}

static int use_image(struct host *host, const char *path, const char *esp, struct cmdline *cmdline)
{
	char *text;
	int error = read_section(host, path, &text);

	if (error == -ENOENT) {
		cmdline->unknown =
			arena_printf(host->arena,
				     "%s has no arguments in it: the boot loader gives them", path);
		return 1;
	}
	if (error)
		return cmdline_give_up(host, cmdline, path, error);
	cmdline->source = path;
	cmdline_parse(host->arena, text, path, false, cmdline);
	return add_addons(host, path, esp, cmdline);
}

int cmdline_in_images(struct host *host, struct cmdline *cmdline)
{
	static const char *const partitions[] = {"/boot", "/efi", "/boot/efi"};

	for (size_t i = 0; i < N(partitions); i++) {
		const char *pattern = arena_printf(host->arena, "%s/EFI/Linux/*.efi",
						   partitions[i]);
		struct strv paths = {0};
		const char *path;
		int error = host_glob(host, pattern, &paths);

		if (error)
			return cmdline_give_up(host, cmdline, pattern, error);
		path = newest(host->arena, &paths);
		if (path)
			return use_image(host, path, partitions[i], cmdline);
	}
	return 0;
}
