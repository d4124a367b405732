#include "host/boot/efivars.h"

#include <errno.h>

#define FIRMWARE "/sys/firmware"
#define EFI FIRMWARE "/efi"
#define VARIABLES EFI "/efivars"
#define SECURITYFS "/sys/kernel/security"

/* Variables that are asked for are small. */
#define VARIABLE_LIMIT ((size_t)64 * 1024)

int efi_variable_parse(const char *file, size_t size, struct efi_variable *ret_variable)
{
	const unsigned char *bytes = (const unsigned char *)file;

	if (size < 4)
		return -EBADMSG;
	ret_variable->attributes = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 |
				   (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
	ret_variable->data = bytes + 4;
	ret_variable->size = size - 4;
	return 0;
}

int efi_flag(const struct efi_variable *variable)
{
	/*
	 * UEFI 2.10, table 3.1: boot and runtime access, and not kept. A variable of that name that
	 * is kept was made by somebody on a firmware that has none.
	 */
	if (variable->attributes & EFI_KEPT)
		return -EPERM;
	if (variable->attributes != (EFI_AT_BOOT | EFI_AT_RUN) || variable->size != 1 ||
	    variable->data[0] > 1)
		return -EBADMSG;
	return variable->data[0];
}

const char *efi_text(struct arena *arena, const struct efi_variable *variable)
{
	char *text = arena_alloc(arena, variable->size / 2 * 3 + 1), *to = text;

	if (variable->size % 2)
		return NULL;
	for (size_t i = 0; i + 1 < variable->size; i += 2) {
		unsigned code = variable->data[i] | (unsigned)variable->data[i + 1] << 8;

		if (!code)
			break;
		if (code < 0x20 || code == 0x7f || (code >= 0xd800 && code < 0xe000))
			continue;
		if (code < 0x80) {
			*to++ = (char)code;
		} else if (code < 0x800) {
			*to++ = (char)(0xc0 | code >> 6);
			*to++ = (char)(0x80 | (code & 0x3f));
		} else {
			*to++ = (char)(0xe0 | code >> 12);
			*to++ = (char)(0x80 | (code >> 6 & 0x3f));
			*to++ = (char)(0x80 | (code & 0x3f));
		}
	}
	*to = '\0';
	return text;
}

static const char *path_of(struct host *host, const char *name, const char *vendor)
{
	return arena_printf(host->arena, VARIABLES "/%s-%s", name, vendor);
}

/* Is there UEFI? 1, 0, or -1 where nobody can see: in containers the folder is often empty. */
static int has_efi(struct host *host)
{
	struct strv names = {0};

	if (host_exists(host, EFI))
		return 1;
	return host_list(host, FIRMWARE, &names) || !names.count ? -1 : 0;
}

/* Can variables be seen at all? */
static bool shows_variables(struct host *host)
{
	struct strv names = {0};

	return !host_list(host, VARIABLES, &names) && names.count;
}

/* A flag: 0 or 1; -ENOENT when the firmware has no such variable; other errors. */
static int read_flag(struct host *host, const char *path)
{
	cleanup(text) struct host_text file = {0};
	struct efi_variable variable;
	int error = host_read_bytes(host, path, VARIABLE_LIMIT, &file);

	if (!error)
		error = efi_variable_parse(file.data, file.size, &variable);
	return error ? error : efi_flag(&variable);
}

static struct finding bad_flag(struct host *host, const char *path, int error)
{
	if (error == -EPERM)
		return not_known(path, "the firmware did not make this variable");
	if (error == -EBADMSG)
		return not_known(path, "it is not as UEFI has it");
	return not_known(path,
			 arena_printf(host->arena, "it cannot be read: %s", host_error(error)));
}

/* A flag of the firmware; one that it does not know is 0. */
static struct finding ask(struct host *host, const char *name, const char *const words[2])
{
	const char *path = path_of(host, name, EFI_GLOBAL);
	int efi = has_efi(host), flag;

	if (efi < 0)
		return not_known(FIRMWARE, "what firmware there is cannot be seen here");
	if (!efi)
		return found("none", FIRMWARE " (it is not UEFI)");
	flag = read_flag(host, path);
	if (flag == -ENOENT && !shows_variables(host))
		return not_known(VARIABLES, "no variable of the firmware is to be seen here");
	if (flag == -ENOENT)
		return found(words[0], VARIABLES " (the firmware has no such variable)");
	return flag < 0 ? bad_flag(host, path, flag) : found(words[flag], path);
}

struct finding secure_boot_now(struct host *host)
{
	static const char *const words[] = {"disabled", "enabled"};
	struct finding state = ask(host, "SecureBoot", words);
	const char *setup = path_of(host, "SetupMode", EFI_GLOBAL);
	const char *path = path_of(host, "MokSBStateRT", EFI_SHIM);
	int flag;

	if (!found_is(&state, "enabled"))
		return state;
	/* Both at once cannot be; the kernel believes that keys can be enrolled. */
	flag = read_flag(host, setup);
	if (flag)
		return flag < 0 ? bad_flag(host, setup, flag) : found("disabled", setup);
	/* Where shim was told not to check signatures, it leaves a note; one that is kept is not
	   its own, and the kernel ignores it. */
	flag = read_flag(host, path);
	if (flag == -ENOENT || flag == -EPERM || !flag)
		return state;
	return flag < 0 ? bad_flag(host, path, flag) : found("unvalidated", path);
}

struct finding setup_mode_now(struct host *host)
{
	static const char *const words[] = {"no", "yes"};
	struct finding mode = ask(host, "SetupMode", words);

	if (found_is(&mode, "none"))
		mode.value = NULL;
	return mode;
}

/* systemd-stub tells into which register it measured the kernel that it started. */
static bool is_kernel_measured(struct host *host, const char *path)
{
	cleanup(text) struct host_text file = {0};
	struct efi_variable variable;
	const char *text;
	long long number;

	if (host_read_bytes(host, path, VARIABLE_LIMIT, &file) ||
	    efi_variable_parse(file.data, file.size, &variable) || variable.attributes & EFI_KEPT)
		return false;
	text = efi_text(host->arena, &variable);
	return text && !str_to_number(text, &number) && number >= 0 && number < 24;
}

static bool has_log(struct host *host, const char *path)
{
	struct statx stat;

	return !host_stat(host, path, true, &stat);
}

struct finding measured_boot_now(struct host *host)
{
	static const char tpm[] = "/sys/class/tpm";
	const char *stub = path_of(host, "StubPcrKernelImage", EFI_LOADER), *log;
	struct strv chips = {0};
	int error = host_list(host, tpm, &chips);

	if (error == -ENOENT && host_exists(host, "/sys/class"))
		error = 0;
	if (error)
		return not_known(tpm, arena_printf(host->arena, "it cannot be read: %s",
						   host_error(error)));
	if (!chips.count)
		return found("none", "/sys/class/tpm (there is no TPM)");
	if (is_kernel_measured(host, stub))
		return found("kernel", stub);
	log = arena_printf(host->arena, SECURITYFS "/%s/binary_bios_measurements", chips.at[0]);
	if (has_log(host, log))
		return found("firmware", log);
	if (!host_exists(host, SECURITYFS "/lsm"))
		return not_known(log, "securityfs is not to be seen here");
	return found("none", log);
}
