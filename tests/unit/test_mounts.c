/*
 * Tables of mounts and their options. On tables made at random findmnt has to find the same, and so
 * has the reader of the build without libmount, which is compiled in here under other names.
 */
#define mountinfo_parse plain_mountinfo_parse
#define fstab_parse plain_fstab_parse
#define mounts_now plain_mounts_now
#define mounts_fstab plain_mounts_fstab
#define mounts_seen plain_mounts_seen
#define mount_first plain_mount_first
#define mount_last plain_mount_last
#undef WITH_LIBMOUNT
#include "../../src/host/mounts/mounts.c"
#undef mountinfo_parse
#undef fstab_parse
#undef mounts_now
#undef mounts_fstab
#undef mounts_seen
#undef mount_first
#undef mount_last

extern void mountinfo_parse(struct arena *arena, struct host_text *text, struct mount_table *table);
extern void fstab_parse(struct arena *arena, char *text, struct mount_table *table);
extern const struct mount *mount_first(const struct mount_table *table, const char *target);
extern const struct mount *mount_last(const struct mount_table *table, const char *target);

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#define TABLES 150

static struct arena arena;

static int forget(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void test_mountinfo(void **state)
{
	char lines[] =
		"27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard\n"
		"28 27 0:25 / /mnt/a\\040b\\134c ro,nosuid - tmpfs tmpfs rw,size=4k\n"
		"29 27 0:26 /@/sub /srv rw,noexec master:2 propagate_from:1 - btrfs /dev/sda "
		"ro,x=a\\054b\n"
		"nonsense\n"
		"30 27 0:27 / /srv rw - overlay none rw\n";
	struct host_text text = {.data = lines, .size = sizeof(lines) - 1};
	struct mount_table table = {0};

	(void)state;
	mountinfo_parse(&arena, &text, &table);
	assert_int_equal(table.error, 0);
	assert_int_equal(table.count, 4);
	assert_string_equal(table.at[0].target, "/");
	assert_string_equal(strv_join(&table.at[0].options, &arena, ","), "rw,relatime,discard");
	assert_string_equal(table.at[1].target, "/mnt/a b\\c");
	assert_string_equal(strv_join(&table.at[1].options, &arena, ","), "ro,nosuid,size=4k");
	assert_string_equal(table.at[2].source, "/dev/sda[/@/sub]");
	assert_string_equal(table.at[2].options.at[0], "ro");
	assert_string_equal(table.at[3].source, "none");
	assert_ptr_equal(mount_first(&table, "/srv"), &table.at[2]);
	assert_ptr_equal(mount_last(&table, "/srv"), &table.at[3]);
	assert_null(mount_last(&table, "/sr"));
}

static void test_fstab(void **state)
{
	char text[] = "# a comment\n"
		      "\n"
		      "LABEL=a\t/a\\040b  ext4\tdefaults,nodev 0 1\n"
		      "  /dev/b /b xfs\n"
		      "x\n"
		      "tmpfs /c tmpfs size=1,context=\"u:r:c1,c2\" 0 0 # more";
	struct mount_table table = {0};

	(void)state;
	fstab_parse(&arena, text, &table);
	assert_int_equal(table.error, 0);
	assert_int_equal(table.count, 3);
	assert_string_equal(table.at[0].source, "LABEL=a");
	assert_string_equal(table.at[0].target, "/a b");
	assert_int_equal(table.at[0].line, 3);
	assert_int_equal(table.at[0].options.count, 2);
	assert_string_equal(table.at[1].type, "xfs");
	assert_int_equal(table.at[1].options.count, 0);
	assert_int_equal(table.at[2].line, 6);
	assert_string_equal(table.at[2].options.at[1], "context=\"u:r:c1,c2\"");
}

static void test_effective(void **state)
{
	static const char *const options[][2] = {
		{"", "rw,relatime"},
		{"defaults", "rw,relatime"},
		{"ro,rw,ro", "ro,relatime"},
		{"nosuid,defaults", "rw,nosuid,relatime"},
		{"nosuid,nodev,noexec,exec", "rw,nosuid,nodev,relatime"},
		{"user", "rw,nosuid,nodev,noexec,relatime"},
		{"user=me,exec", "rw,relatime"},
		{"exec,users,dev", "rw,nosuid,noexec,relatime"},
		{"owner", "rw,nosuid,nodev,relatime"},
		{"noatime,strictatime", "rw"},
		{"noatime", "rw,noatime"},
		{"relatime,atime", "rw,relatime"},
		{"noatime,relatime", "rw,noatime"},
		{"noauto,nofail,x-systemd.automount,X-a,_netdev,comment=x,loop=/a,auto",
		 "rw,relatime"},
		{"size=1,mode=1,size=2", "rw,relatime,mode=1,size=2"},
		{"bind,nosuid,rshared", "rw,nosuid,relatime"},
		{"sync,dirsync,lazytime,async", "rw,relatime,dirsync,lazytime"},
		{"a=\"1,ro,2\",b", "rw,relatime,a=\"1,ro,2\",b"},
		{",,ro,,", "ro,relatime"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		struct strv given = {0}, effective = {0};

		mount_options_split(&arena, options[i][0], &given);
		mount_options_effective(&arena, &given, &effective);
		assert_string_equal(strv_join(&effective, &arena, ","), options[i][1]);
	}
}

static void test_words(void **state)
{
	struct strv options = {0};

	(void)state;
	mount_options_split(&arena, "noauto,x-a=1,auto,noauto,x-a=2,bind", &options);
	assert_true(mount_options_say(&options, "noauto", "auto"));
	assert_false(mount_options_say(&options, "auto", "noauto"));
	assert_false(mount_options_say(&options, "nofail", "fail"));
	assert_string_equal(mount_options_value(&options, "x-a"), "2");
	assert_string_equal(mount_options_value(&options, "bind"), "");
	assert_null(mount_options_value(&options, "x"));
	assert_false(mount_options_flags(&options));
	strv_push(&options, &arena, "nodev");
	assert_true(mount_options_flags(&options));
}

static const char *pick(const char *const *words, size_t count)
{
	return words[(size_t)rand() % count];
}
#define PICK(words) pick(words, sizeof(words) / sizeof((words)[0]))

static const char *const targets[] = {
	"/",          "/tmp",   "/var/tmp", "/a\\040b",  "/a\\011tab",     "/back\\134slash",
	"/hash\\043", "/srv/x", "/dev/shm", "/nl\\012x", "/\\303\\274ber", "/proc",
	"/x//y",
};
static const char *const sources[] = {
	"/dev/sda1", "tmpfs",       "none",      "LABEL=a\\040b", "UUID=1-2",        "srv:/x",
	"overlay",   "//win/share", "systemd-1", "PARTUUID=0",    "/dev/mapper/a-b",
};
static const char *const types[] = {"ext4",   "tmpfs",   "btrfs", "none", "nfs4",   "fuse.sshfs",
				    "autofs", "overlay", "auto",  "vfat", "cgroup2"};
static const char *const flags_words[] = {"nosuid",   "nodev",   "noexec",
					  "relatime", "noatime", "nosymfollow"};
static const char *const more_words[] = {
	"size=10%",  "mode=1777", "errors=remount-ro", "lowerdir=/a:/b",
	"sync",      "gid=5",     "discard",           "context=\"a:b:c1,c2\"",
	"user_id=0", "lazytime",  "x=\\040y",          "fd=29,pgrp=1",
};

static void add(char *text, const char *more)
{
	strcat(strcat(text, *text ? "," : ""), more);
}

static void make_mountinfo(char *text)
{
	static const char *const roots[] = {"/", "/", "/", "/@", "/sub/dir", "/a\\040b"};
	static const char *const fields[] = {"", " shared:1", " master:2 propagate_from:3",
					     " unbindable"};

	*text = '\0';
	for (int i = 0, lines = 1 + rand() % 12; i < lines; i++) {
		char mount[400] = "", superblock[400] = "";

		add(mount, rand() % 4 ? "rw" : "ro");
		add(superblock, rand() % 4 ? "rw" : "ro");
		for (int k = rand() % 4; k; k--)
			add(mount, PICK(flags_words));
		for (int k = rand() % 4; k; k--)
			add(superblock, PICK(more_words));
		text += sprintf(text, "%d %d 8:%d %s %s %s%s - %s %s %s\n", i + 20, i ? 20 : 1, i,
				PICK(roots), i ? PICK(targets) : "/", mount, PICK(fields),
				PICK(types), PICK(sources), superblock);
	}
}

static void make_fstab(char *text)
{
	static const char *const blanks[] = {" ", "\t", "  \t"};
	static const char *const tails[] = {"", " 0 0", "\t1 2", " 0", " 0 0 # more", " 0 0 x"};
	static const char *const others[] = {"# /dev/a /b c d\n", "\n", "   \n", "  # x\n"};
	static const char *const words[] =
		{"defaults",  "noauto",  "nofail", "user", "ro", "rw", "x-systemd.automount",
		 "comment=x", "_netdev", "bind"};

	*text = '\0';
	for (int i = 0, lines = 1 + rand() % 12; i < lines; i++) {
		char options[600] = "";

		if (!(rand() % 5))
			text += sprintf(text, "%s", PICK(others));
		add(options, PICK(words));
		for (int k = rand() % 4; k; k--)
			add(options, rand() % 2 ? PICK(flags_words) : PICK(more_words));
		text += sprintf(text, "%s%s%s%s%s%s%s%s\n", PICK(sources), PICK(blanks),
				PICK(targets), PICK(blanks), PICK(types), PICK(blanks), options,
				PICK(tails));
	}
}

static const char *row(const struct mount *mount)
{
	return arena_printf(&arena, "%s|%s|%s|%s", mount->target, mount->source, mount->type,
			    strv_join(&mount->options, &arena, ","));
}

static void assert_same(const struct mount_table *ours, const struct mount_table *plain,
			const char *text)
{
	if (ours->count != plain->count)
		print_error("%zu and %zu mounts in:\n%s", ours->count, plain->count, text);
	assert_int_equal(ours->count, plain->count);
	for (size_t i = 0; i < ours->count; i++) {
		assert_string_equal(row(&ours->at[i]), row(&plain->at[i]));
		assert_int_equal(ours->at[i].line, plain->at[i].line);
	}
}

/* Takes the value off `NAME="value"`; findmnt writes odd bytes as \xNN. */
static const char *next_value(char **line)
{
	char *from = strchr(*line, '"') + 1, *to = from, *start = from;

	for (; *from && *from != '"'; from++) {
		if (from[0] == '\\' && from[1] == 'x') {
			char digits[3] = {from[2], from[3], '\0'};

			*to++ = (char)strtol(digits, NULL, 16);
			from += 3;
		} else {
			*to++ = *from;
		}
	}
	*line = *from ? from + 1 : from;
	*to = '\0';
	return start;
}

static void ask_findmnt(const char *option, const char *text, const struct mount_table *table)
{
	const char *dir = getenv("TMP") ? getenv("TMP") : "/tmp";
	char *path = arena_printf(&arena, "%s/table", dir), *line = NULL;
	size_t space = 0, count = 0;
	FILE *file = fopen(path, "we"), *found;

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	found = popen(arena_printf(&arena,
				   "findmnt %s --tab-file '%s' --pairs --output "
				   "TARGET,SOURCE,FSTYPE,OPTIONS",
				   option, path),
		      "re");
	assert_non_null(found);
	for (; getline(&line, &space, found) > 0; count++) {
		char *rest = line;
		const char *target = next_value(&rest), *source = next_value(&rest);
		const char *type = next_value(&rest), *options = next_value(&rest);

		assert_in_range(count, 0, table->count - 1);
		assert_string_equal(row(&table->at[count]),
				    arena_printf(&arena, "%s|%s|%s|%s", target,
						 *source ? source : "none", type, options));
	}
	free(line);
	pclose(found);
	assert_int_equal(count, table->count);
}

static bool has_findmnt(void)
{
	static int status = -1;

	if (status < 0)
		status = system("command -v findmnt >/dev/null");
	return !status;
}

static void test_random_mountinfo(void **state)
{
	static char text[20000];

	(void)state;
	for (int i = 0; i < TABLES; i++) {
		struct mount_table ours = {0}, plain = {0};
		struct host_text mine;

		make_mountinfo(text);
		mine = (struct host_text){arena_strdup(&arena, text), strlen(text)};
		mountinfo_parse(&arena, &mine, &ours);
		mine = (struct host_text){arena_strdup(&arena, text), strlen(text)};
		plain_mountinfo_parse(&arena, &mine, &plain);
		assert_same(&ours, &plain, text);
		if (has_findmnt())
			ask_findmnt("", text, &ours);
	}
}

static void test_random_fstab(void **state)
{
	static char text[20000];

	(void)state;
	for (int i = 0; i < TABLES; i++) {
		struct mount_table ours = {0}, plain = {0};

		make_fstab(text);
		fstab_parse(&arena, arena_strdup(&arena, text), &ours);
		plain_fstab_parse(&arena, arena_strdup(&arena, text), &plain);
		assert_same(&ours, &plain, text);
		if (has_findmnt())
			ask_findmnt("--fstab", text, &ours);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mountinfo),        cmocka_unit_test(test_fstab),
		cmocka_unit_test(test_effective),        cmocka_unit_test(test_words),
		cmocka_unit_test(test_random_mountinfo), cmocka_unit_test(test_random_fstab),
	};
	const char *given = getenv("SEED");
	unsigned seed = given ? (unsigned)strtoul(given, NULL, 0) : (unsigned)time(NULL);

	print_message("# seed %u\n", seed);
	srand(seed);
	return cmocka_run_group_tests(tests, NULL, forget);
}
