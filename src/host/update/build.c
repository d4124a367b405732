/* Which build this is, how old, and until when its release is supported: os-release(5). */
#include "host/os.h"
#include "host/osrelease.h"
#include "host/update/update.h"

#include <errno.h>
#include <fnmatch.h>

/* Where a build is named, the most exact first. */
static const char *const build_keys[] = {"IMAGE_VERSION", "BUILD_ID", "OSTREE_VERSION",
					 "VERSION_ID",    "VERSION",  "PRETTY_NAME"};

static bool is_readable(struct host *host, struct update_answer *ret_answer)
{
	const struct osrelease *osrelease_ = osrelease(host);

	*ret_answer = (struct update_answer){.source = osrelease_->path};
	if (osrelease_->error)
		ret_answer->why = arena_printf(host->arena, "cannot read %s: %s", osrelease_->path,
					       host_error(osrelease_->error));
	else if (!osrelease_->path)
		ret_answer->why = "there is no os-release";
	return !ret_answer->why;
}

void update_version(struct host *host, struct update_answer *ret_answer)
{
	static const char *const keys[] = {"IMAGE_VERSION", "OSTREE_VERSION", "VERSION_ID",
					   "BUILD_ID"};

	if (!is_readable(host, ret_answer))
		return;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *value = osrelease_get(host, keys[i]);

		if (!*value)
			continue;
		ret_answer->value = value;
		return;
	}
	ret_answer->why = "os-release names no version";
}

static const char *write_day(struct host *host, day_t day)
{
	char text[16];

	date_write(day, text);
	return arena_strdup(host->arena, text);
}

void update_built(struct host *host, struct update_answer *ret_answer)
{
	if (!is_readable(host, ret_answer))
		return;
	for (size_t i = 0; i < sizeof(build_keys) / sizeof(build_keys[0]); i++) {
		day_t day;

		if (date_find(osrelease_get(host, build_keys[i]), &day))
			continue;
		ret_answer->value = write_day(host, day);
		return;
	}
	ret_answer->why = "no version in os-release tells the day of the build";
}

/* What the os-profile says of this release: a list that is newer than the host, perhaps. */
static const struct os_value *find_release(struct host *host)
{
	const struct os_values *values = &host->os->support_end;
	const char *version = osrelease_get(host, "VERSION_ID");

	for (size_t i = 0; i < values->count; i++)
		if (!fnmatch(values->at[i].key, version, 0))
			return &values->at[i];
	return NULL;
}

void update_support_end(struct host *host, struct update_answer *ret_answer)
{
	const struct os_value *release;
	const char *end;
	day_t day;

	if (!is_readable(host, ret_answer))
		return;
	release = find_release(host);
	end = release ? release->value : osrelease_get(host, "SUPPORT_END");
	ret_answer->source = release ? release->origin : ret_answer->source;
	if (!*end)
		ret_answer->why = "neither os-release nor the OS profile says until when this "
				  "release is supported";
	else if (date_parse(end, &day))
		ret_answer->why = arena_printf(host->arena, "SUPPORT_END is no day: %s", end);
	else
		ret_answer->value = write_day(host, day);
}
