#include "cli/output.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "cli/target.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

static const char *const colors[] = {"auto", "always", "never", NULL};

struct output_options output_options;

const struct option_row output_rows[] = {
	{"format", 'f', OPTION_LIST, "NAME[=FILE]", &output_options.formats, NULL,
	 "write this report, to a file if one is named; may be given again"},
	{"color", 0, OPTION_CHOICE, "WHEN", &output_options.color, colors, "auto, always or never"},
	{"quiet", 'q', OPTION_FLAG, NULL, &output_options.quiet, NULL,
	 "only what fails or could not be told"},
	{"verbose", 'v', OPTION_FLAG, NULL, &output_options.verbose, NULL,
	 "what passes and the evidence, too"},
	{0},
};

static const struct report *report_of(struct arena *arena, const char *format)
{
	return report_find(arena_strndup(arena, format, strcspn(format, "=")));
}

static int complain_format(struct arena *arena, const char *format)
{
	struct strv names = {0};
	const char *nearest;

	for (const struct report *const *report = reports; *report; report++)
		strv_push(&names, arena, (*report)->name);
	nearest = nearest_word(format, &names);
	complain("there is no report '%s'; %s%s%s", format,
		 nearest ? "did you mean '" : "choose from ",
		 nearest ? nearest : strv_join(&names, arena, ", "), nearest ? "'?" : "");
	return -EINVAL;
}

int output_check(struct arena *arena)
{
	unsigned to_stdout = 0;

	if (!output_options.formats.count)
		strv_push(&output_options.formats, arena, "text");
	for (size_t i = 0; i < output_options.formats.count; i++) {
		const char *format = output_options.formats.at[i];

		if (!report_of(arena, format))
			return complain_format(arena, format);
		to_stdout += !strchr(format, '=');
		if (strchr(format, '='))
			strv_push(&target_options.outputs, arena, strchr(format, '=') + 1);
		if (str_ends(format, "=")) {
			complain("a file name is missing behind --format %s", format);
			return -EINVAL;
		}
	}
	if (to_stdout > 1) {
		complain("only one report can go to standard output; name a file for the others: "
			 "--format NAME=FILE");
		return -EINVAL;
	}
	if (output_options.quiet && output_options.verbose) {
		complain("--quiet and --verbose contradict each other");
		return -EINVAL;
	}
	return 0;
}

/* --color wins over NO_COLOR, and that over what the stream is. */
static bool wants_color(FILE *out)
{
	const char *none = getenv("NO_COLOR"), *term = getenv("TERM");

	if (output_options.color != COLOR_AUTO)
		return output_options.color == COLOR_ALWAYS;
	if ((none && *none) || !term || str_eq(term, "dumb"))
		return false;
	return isatty(fileno(out));
}

static unsigned width_of(FILE *out)
{
	struct winsize size;

	if (!isatty(fileno(out)) || ioctl(fileno(out), TIOCGWINSZ, &size) || size.ws_col < 40)
		return 0;
	return size.ws_col;
}

static int write_report(FILE *out, const struct report *report, const struct audit *audit)
{
	struct report_style style = {
		.color = wants_color(out),
		.verbose = output_options.verbose,
		.quiet = output_options.quiet,
		.width = width_of(out),
	};

	errno = 0;
	report->write(out, audit, &style);
	if (fflush(out) || ferror(out))
		return errno ? -errno : -EIO;
	return 0;
}

/* A device or a pipe (/dev/stderr, /dev/full) cannot be replaced: it is written to as it is. */
static bool is_special(const char *path)
{
	struct stat stat_;

	return !stat(path, &stat_) && !S_ISREG(stat_.st_mode);
}

static int write_file(struct arena *arena, const char *path, const struct report *report,
		      const struct audit *audit)
{
	const char *name = is_special(path) ? path : arena_printf(arena, "%s.new", path);
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0666);
	cleanup(file) FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	int error;

	if (!out)
		return -errno;
	error = write_report(out, report, audit);
	if (!error && name != path && (fsync(fd) || rename(name, path)))
		error = -errno;
	if (error && name != path)
		unlink(name);
	return error;
}

int output_write(struct arena *arena, const struct audit *audit)
{
	int first = 0;

	for (size_t i = 0; i < output_options.formats.count; i++) {
		const char *format = output_options.formats.at[i], *file = strchr(format, '=');
		const struct report *report = report_of(arena, format);
		int error = file ? write_file(arena, file + 1, report, audit)
				 : write_report(stdout, report, audit);

		if (error) {
			complain("cannot write the %s report to %s: %s", report->name,
				 file ? file + 1 : "standard output", strerror(-error));
			first = first ? first : error;
		}
	}
	return first;
}
