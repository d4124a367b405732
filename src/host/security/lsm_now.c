/* What runs: securityfs, selinuxfs and procfs. */
#include "host/kernel/sysctls.h"
#include "host/security/lsm.h"

#include <errno.h>

#define SECURITYFS "/sys/kernel/security"
#define SELINUXFS "/sys/fs/selinux"
#define PROFILES SECURITYFS "/apparmor/profiles"

/* Hosts with containers have thousands of profiles. */
#define PROFILES_LIMIT ((size_t)16 * 1024 * 1024)

struct modules {
	int error; /* why the list is not known */
	struct strv names;
};

static const void *load_modules(struct host *host)
{
	struct modules *modules = arena_new(host->arena, struct modules);
	cleanup(text) struct host_text text = {0};

	modules->error = host_read(host, SECURITYFS "/lsm", 0, &text);
	if (!modules->error)
		strv_split(&modules->names, host->arena, text.data, ",\n");
	if (!modules->error && !modules->names.count)
		modules->error = -ENODATA;
	return modules;
}

static struct finding unreadable(struct host *host, const char *path, int error)
{
	if (error == -ENOENT || error == -ENOTDIR)
		return not_known(path, "it is not to be seen here");
	return not_known(path,
			 arena_printf(host->arena, "it cannot be read: %s", host_error(error)));
}

/* AppArmor is heard of outside of securityfs, too. */
static bool is_apparmor_on(struct host *host, const char *path)
{
	cleanup(text) struct host_text text = {0};

	return !host_read(host, path, 0, &text) && *text.data == 'Y';
}

struct finding lsm_module_now(struct host *host, const char *name)
{
	static const char parameter[] = "/sys/module/apparmor/parameters/enabled";
	const struct modules *modules = host_view(host, load_modules);

	if (!modules->error)
		return found(strv_has(&modules->names, name) ? "enabled" : "disabled",
			     SECURITYFS "/lsm");
	if (str_eq(name, "apparmor") && is_apparmor_on(host, parameter))
		return found("enabled", parameter);
	return unreadable(host, SECURITYFS "/lsm", modules->error);
}

/* Without a policy nothing is checked, whatever `enforce` says: it has no classes then. */
static struct finding selinux_mode(struct host *host, const char *enforce)
{
	struct strv classes = {0};
	int error = host_list(host, SELINUXFS "/class", &classes);

	if (error)
		return unreadable(host, SELINUXFS "/class", error);
	if (!classes.count)
		return found("disabled", SELINUXFS "/class (no policy is loaded)");
	if (str_eq(enforce, "1"))
		return found("enforcing", SELINUXFS "/enforce");
	if (str_eq(enforce, "0"))
		return found("permissive", SELINUXFS "/enforce");
	return not_known(SELINUXFS "/enforce", "it is neither 0 nor 1");
}

struct finding selinux_now(struct host *host)
{
	struct finding module = lsm_module_now(host, "selinux");
	cleanup(text) struct host_text text = {0};
	int error;

	if (found_is(&module, "disabled"))
		return module;
	error = host_read(host, SELINUXFS "/enforce", 0, &text);
	if (error)
		return unreadable(host, SELINUXFS "/enforce", error);
	return selinux_mode(host, str_trim(text.data));
}

/* "none [integrity] confidentiality". */
struct finding lockdown_now(struct host *host)
{
	static const char path[] = SECURITYFS "/lockdown";
	struct finding module = lsm_module_now(host, "lockdown");
	cleanup(text) struct host_text text = {0};
	char *level;
	int error;

	/* The file is there, and shows a level, where the module is off and nothing heeds it. */
	if (found_is(&module, "disabled"))
		return found("none", module.source);
	if (!module.value)
		return module;
	error = host_read(host, path, 0, &text);
	if (error)
		return unreadable(host, path, error);
	level = strchr(text.data, '[');
	if (!level || !strchr(level, ']'))
		return not_known(path, "it does not mark its level");
	level++;
	level[strcspn(level, "]")] = '\0';
	return found(arena_strdup(host->arena, level), path);
}

struct finding yama_now(struct host *host)
{
	struct finding module = lsm_module_now(host, "yama");
	struct sysctl_value scope;

	if (found_is(&module, "disabled"))
		return found("0", module.source);
	sysctl_running(host, "kernel/yama/ptrace_scope", &scope);
	if (scope.state == SYSCTL_SET)
		return found(scope.value, scope.source);
	if (scope.state == SYSCTL_ABSENT)
		return found("0", scope.source);
	return not_known(scope.source, scope.reason);
}

/* "/usr/bin/man (enforce)"; a name may have blanks and parentheses in it. */
int apparmor_count(char *text, const char *mode, size_t *ret_count)
{
	size_t count = 0;
	char *line;

	while ((line = str_next_line(&text))) {
		char *open = strrchr(line, '(');
		size_t length = strlen(line);

		if (!open || open < line + 2 || open[-1] != ' ' || line[length - 1] != ')')
			return -EBADMSG;
		line[length - 1] = '\0';
		count += !mode || str_eq(open + 1, mode);
	}
	*ret_count = count;
	return 0;
}

struct finding apparmor_profiles_now(struct host *host, const char *mode)
{
	struct finding module = lsm_module_now(host, "apparmor");
	cleanup(text) struct host_text text = {0};
	size_t count;
	int error;

	if (found_is(&module, "disabled"))
		return found("0", module.source);
	error = host_read(host, PROFILES, PROFILES_LIMIT, &text);
	if (!error)
		error = apparmor_count(text.data, mode, &count);
	if (error == -EBADMSG)
		return not_known(PROFILES, "a line of it is no profile");
	if (error)
		return unreadable(host, PROFILES, error);
	return found(arena_printf(host->arena, "%zu", count), PROFILES);
}
