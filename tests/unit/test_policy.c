/* A policy from its directories: which file counts, what profiles, sites and options make of it. */
#include "policy/policy.h"

#include "tree.h"

/* The policy lies below the root of the tree: usr (low) and etc (high); the host beside it. */
static struct tree tree;
static struct selection selection;
static struct problems problems;
static struct policy policy;

#define RULE(id, more) "[" id "]\ntitle = T\nwhy = W\nseverity = medium\n" more "\n"

static int make(void **state)
{
	(void)state;
	tree_make(&tree);
	selection = (struct selection){0};
	policy = (struct policy){0};
	for (size_t i = 0; i < 2; i++)
		strv_push(&selection.policy_dirs, &tree.arena,
			  arena_printf(&tree.arena, "%s/%s", tree.root, i ? "usr" : "etc"));
	tree_dir(&tree, "etc", 0755);
	tree_text(&tree, "usr/benchmarks/kernel.ini",
		  "[variables]\nword = usr-verity\nother = x\n" RULE(
			  "kernel-one", "check = trait ${word} present")
			  RULE("kernel-two", "level = 2\nneeds = kernel-one"));
	tree_text(&tree, "usr/benchmarks/mounts.ini",
		  RULE("mount-one", "any = role a present\n  role b present"));
	tree_text(&tree, "usr/os-profiles/parent.ini",
		  "[os]\ntitle = Parent\nbenchmarks = kernel\n"
		  "traits = one two\nroles = r\nlevel = 2\n"
		  "persists = /etc /var\n[sysctl-defaults]\na.b = 1\nc.d = 2\n"
		  "[not-applicable]\nkernel-* = No.\n");
	tree_text(&tree, "usr/os-profiles/child.ini",
		  "[os]\ntitle = Child\ninherits = parent\nmatch = ID=child VERSION_ID=4*\n"
		  "traits = + three\n"
		  "benchmarks = mounts kernel\npersists = none\nlower-etc = /usr/etc if-missing\n"
		  "[sysctl-defaults]\na.b = 3\n[written-by]\ne.f = 4 5 by docker at start\n"
		  "[known-mounts]\n/ = ext4 rw,nodev by the initrd\n/x = tmpfs rw\n");
	tree_text(&tree, "usr/os-profiles/systemd-container-host.ini", "[os]\ntitle = General\n");
	return 0;
}

static int destroy(void **state)
{
	(void)state;
	policy_release(&policy);
	tree_remove(&tree);
	return 0;
}

/* Each time with a fresh look at the host. */
static int try_load(const char *profile)
{
	host_close(&tree.host);
	tree_open_host(&tree);
	selection.profile = profile;
	problems = (struct problems){.arena = &tree.arena};
	policy_release(&policy);
	policy = (struct policy){0};
	return policy_load(&tree.host, &selection, &problems, &policy);
}

static void load(const char *profile)
{
	int error = try_load(profile);

	for (const struct problem *at = problems.head; at; at = at->next)
		print_error("%s:%u: %s\n", at->origin.file, at->origin.line, at->message);
	assert_int_equal(error, 0);
}

/* The only problem that loading finds. */
static const struct problem *problem_of(const char *profile)
{
	assert_int_equal(try_load(profile), -EINVAL);
	for (const struct problem *at = problems.head; at && problems.count != 1; at = at->next)
		print_error("%s:%u: %s\n", at->origin.file, at->origin.line, at->message);
	assert_int_equal(problems.count, 1);
	return problems.head;
}

static void assert_problem(const char *message)
{
	const struct problem *problem = problem_of("child");

	if (!strstr(problem->message, message))
		print_error("%s\n", problem->message);
	assert_non_null(strstr(problem->message, message));
}

static void assert_list(const struct strv *list, const char *words)
{
	assert_string_equal(strv_join(list, &tree.arena, " "), words);
}

static void assert_rules(const char *ids)
{
	struct strv list = {0};

	for (size_t i = 0; i < policy.rule_count; i++)
		strv_push(&list, &tree.arena, policy.rules[i]->id);
	assert_list(&list, ids);
}

static void test_merge(void **state)
{
	const struct profile *profile = &policy.profile;

	(void)state;
	load("child");
	assert_string_equal(profile->os.id, "child");
	assert_string_equal(profile->os.title, "Child");
	assert_string_equal(profile->chosen, "--profile");
	assert_non_null(strstr(profile->note, "no init program"));
	assert_list(&profile->inherits, "parent");
	assert_list(&profile->os.traits, "one two three");
	assert_list(&profile->os.roles, "r");
	assert_list(&profile->benchmarks, "mounts kernel");
	assert_list(&profile->os.persists, "none");
	assert_int_equal(profile->level, 2);
	assert_int_equal(profile->os.lower_mode, LOWER_IF_MISSING);
	assert_string_equal(profile->os.lower_etc, "/usr/etc");
	assert_rules("mount-one kernel-one kernel-two");
	assert_int_equal(policy.all_rule_count, 3);
	assert_string_equal(policy.all_rules[2]->id, "mount-one");
	assert_string_equal(policy_find_rule(&policy, "kernel-one")->not_applicable, "No.");
	assert_null(policy_find_rule(&policy, "mount-one")->not_applicable);
	assert_null(policy_find_rule(&policy, "mount"));
	assert_ptr_not_equal(tree.host.os, NULL);
	assert_string_equal(tree.host.os->id, "child");
	tree_text(&tree, "sbin/init", "");
	load("child");
	assert_null(profile->note);
}

static void test_os_values(void **state)
{
	const struct os *os = &policy.profile.os;
	const struct os_value *value;

	(void)state;
	load("child");
	value = os_value_find(&os->sysctl_default, "a.b");
	assert_string_equal(value->value, "3");
	assert_string_equal(value->origin, "os-profiles/child.ini:10");
	value = os_value_find(&os->sysctl_default, "c.d");
	assert_string_equal(value->origin, "os-profiles/parent.ini:10");
	value = os_value_find(&os->written_by, "e.f");
	assert_string_equal(value->value, "4 5");
	assert_string_equal(value->note, "docker at start");
	value = os_value_find(&os->known_mounts, "/");
	assert_string_equal(value->value, "ext4 rw,nodev");
	assert_string_equal(value->note, "the initrd");
	assert_null(os_value_find(&os->known_mounts, "/x")->note);
	load("parent");
	assert_string_equal(os_value_find(&policy.profile.os.sysctl_default, "a.b")->value, "1");
	assert_int_equal(policy.profile.os.known_mounts.count, 0);
}

/* Of two parents the later one wins, and what both inherit is there once. */
static void test_parents(void **state)
{
	(void)state;
	tree_text(&tree, "etc/os-profiles/other.ini",
		  "[os]\ntitle = Other\ninherits = parent\ntraits = + four\nroles =\n");
	tree_text(&tree, "etc/os-profiles/both.ini",
		  "[os]\ntitle = Both\ninherits = child other\ntraits = + five\n");
	load("both");
	assert_list(&policy.profile.inherits, "other child parent");
	assert_list(&policy.profile.os.traits, "one two three four five");
	assert_list(&policy.profile.os.roles, "");
}

static void test_site(void **state)
{
	const struct rule *rule;

	(void)state;
	tree_text(&tree, "usr/site/10-a.ini",
		  "[variables]\nword = one\nother = y\n[roles]\nadd = k8s\nremove = r\n"
		  "[tailor]\nkernel-one = severity high the auditors want it\n  level 2\n"
		  "[not-applicable]\nkernel-* = Not here.\n");
	tree_text(&tree, "etc/site/20-b.ini",
		  "[variables]\nword = two\n"
		  "[tailor]\nmount-one = check trait ${word} absent\n  check role z present\n"
		  "kernel-two = off by design\n[benchmarks]\nremove = kernel\n");
	strv_push(&selection.roles, &tree.arena, "r");
	strv_push(&selection.set, &tree.arena, "other=z=1");
	load("child");
	assert_list(&policy.profile.os.roles, "k8s r");
	assert_rules("mount-one");
	rule = policy_find_rule(&policy, "kernel-one");
	assert_string_equal(rule->parts[0].check.text, "trait two present");
	assert_int_equal(rule->severity, SEVERITY_HIGH);
	assert_int_equal(rule->level, 2);
	assert_string_equal(rule->not_applicable, "Not here.");
	assert_string_equal(
		rule->tailored,
		"severity high instead of medium: the auditors want it (site/10-a.ini:8); "
		"level 2 instead of 1 (site/10-a.ini:9)");
	rule = policy_find_rule(&policy, "mount-one");
	assert_int_equal(rule->part_count, 2);
	assert_int_equal(rule->parts[0].part, PART_CHECK);
	assert_string_equal(rule->parts[0].check.text, "trait two absent");
	assert_string_equal(rule->parts[1].check.text, "role z present");
	rule = policy_find_rule(&policy, "kernel-two");
	assert_string_equal(rule->not_applicable, "turned off: by design");
	assert_string_equal(rule->tailored, "off (site/20-b.ini:6)");
}

static void test_set(void **state)
{
	(void)state;
	strv_push(&selection.set, &tree.arena, "word=a=b");
	load("child");
	assert_string_equal(policy_find_rule(&policy, "kernel-one")->parts[0].check.text,
			    "trait a=b present");
	strv_push(&selection.set, &tree.arena, "word=");
	assert_problem("a check is PROBE SUBJECT EXPECTATION");
}

/* A file of a higher directory stands instead of the one below; likewise a rule in two files. */
static void test_search_order(void **state)
{
	const struct rule *rule;
	char before[65];

	(void)state;
	load("child");
	strcpy(before, policy.profile.digest);
	tree_text(&tree, "etc/benchmarks/mounts.ini", RULE("mount-other", ""));
	tree_text(&tree, "etc/benchmarks/acme.ini",
		  "[variables]\nword = acme\n" RULE("kernel-one", "level = 1\nrefs = acme"));
	load("child");
	assert_string_not_equal(policy.profile.digest, before);
	assert_rules("mount-other kernel-one kernel-two");
	rule = policy_find_rule(&policy, "kernel-one");
	assert_list(&rule->refs, "acme");
	assert_string_equal(rule->benchmark, "kernel");
	assert_null(policy_find_rule(&policy, "mount-one"));
	tree_text(&tree, "etc/benchmarks/mounts.ini", "");
	load("child");
	assert_rules("kernel-one kernel-two");
}

static void test_selection(void **state)
{
	(void)state;
	selection.level = 1;
	load("child");
	assert_rules("mount-one kernel-one");
	assert_int_equal(policy.level, 1);
	assert_int_equal(policy.profile.level, 2);
	selection.level = 0;
	strv_push(&selection.only, &tree.arena, "*-one");
	strv_push(&selection.skip, &tree.arena, "mount-*");
	load("child");
	assert_rules("kernel-one");
	selection.severity = SEVERITY_HIGH;
	load("child");
	assert_rules("");
}

static void test_waivers(void **state)
{
	(void)state;
	tree_text(&tree, "usr/waivers/a.ini",
		  "[one]\nrule = kernel-one\nreason = a\n  b\nowner = me\nexpires = 2028-02-29\n"
		  "[two]\nrule = mount-one\nreason = c\nowner = me\nexpires = 2000-02-29\n"
		  "subject = /x\nvalue = 0\nrole = r\n");
	tree_text(&tree, "etc/waivers/b.ini",
		  "[one]\nrule = kernel-two\nreason = d\nowner = me\nexpires = 2027-12-31\n");
	load("child");
	assert_int_equal(policy.waiver_count, 2);
	assert_string_equal(policy.waivers[0].rule, "kernel-two");
	assert_null(policy.waivers[0].subject);
	assert_string_equal(policy.waivers[1].name, "two");
	assert_string_equal(policy.waivers[1].subject, "/x");
	assert_string_equal(policy.waivers[1].value, "0");
	assert_string_equal(policy.waivers[1].role, "r");
	assert_string_equal(policy.waivers[1].expires, "2000-02-29");
	assert_string_equal(policy.waivers[1].origin.file + strlen(tree.root),
			    "/usr/waivers/a.ini");
}

static void test_detection(void **state)
{
	const struct profile *profile = &policy.profile;

	(void)state;
	assert_string_equal(problem_of(NULL)->origin.file, "/etc/os-release");
	tree_text(&tree, "etc/os-release", "ID=child\nVERSION_ID='4.1'\n");
	load(NULL);
	assert_string_equal(profile->os.id, "child");
	assert_string_equal(profile->chosen,
			    "ID=child VERSION_ID=4* in /etc/os-release (os-profiles/child.ini:4)");
	/* More terms win, whatever the order of names. */
	tree_text(&tree, "etc/os-profiles/a.ini",
		  "[os]\ntitle = A\n"
		  "match = ID=child VERSION_ID=4.? path:/etc/os-release\n  path:/nowhere\n");
	load(NULL);
	assert_string_equal(profile->os.id, "a");
	tree_text(&tree, "etc/os-release", "ID=child\nVERSION_ID=5\n");
	assert_non_null(strstr(problem_of(NULL)->message, "no os-profile matches ID=child"));
	tree_text(&tree, "lib/systemd/systemd", "");
	load(NULL);
	assert_string_equal(profile->os.id, "systemd-container-host");
	assert_non_null(strstr(profile->note, "no os-profile matches this host (ID=child)"));
	/* A release file that nobody can read is no reason to guess. */
	assert_int_equal(unlinkat(tree.fd, "etc/os-release", 0), 0);
	tree_dir(&tree, "etc/os-release", 0755);
	assert_non_null(strstr(problem_of(NULL)->message, "--profile"));
}

static void test_optional(void **state)
{
	(void)state;
	selection.optional = true;
	load(NULL);
	assert_int_equal(policy.rule_count, 0);
	assert_int_equal(tree.host.os->traits.count, 0);
	tree_text(&tree, "etc/os-release", "ID=child\nVERSION_ID=4\n");
	load(NULL);
	assert_string_equal(tree.host.os->id, "child");
	assert_non_null(strstr(problem_of("chidl")->message, "did you mean 'child'?"));
}

/* What is no regular file inside of the policy directory is refused, and touched by nobody. */
static void test_files(void **state)
{
	(void)state;
	tree_node(&tree, "etc/site/x.ini", S_IFIFO | 0644, 0);
	assert_problem("not a regular file");
	assert_int_equal(unlinkat(tree.fd, "etc/site/x.ini", 0), 0);
	tree_dir(&tree, "etc/site/x.ini", 0755);
	assert_problem("a directory stands there");
	assert_int_equal(unlinkat(tree.fd, "etc/site/x.ini", AT_REMOVEDIR), 0);
	tree_link(&tree, "etc/site/x.ini", "/etc/passwd");
	assert_problem("no such file");
	assert_int_equal(unlinkat(tree.fd, "etc/site/x.ini", 0), 0);
	tree_file(&tree, "etc/site/x.ini", "[roles]\nadd = a\0b\n", 18);
	assert_problem("NUL");
	tree_file(&tree, "etc/site/x.ini", "", 0);
	assert_int_equal(truncate(arena_printf(&tree.arena, "%s/etc/site/x.ini", tree.root),
				  2 << 20),
			 0);
	assert_problem("larger than");
	assert_int_equal(unlinkat(tree.fd, "etc/site/x.ini", 0), 0);
	/* Links inside, and what editors leave behind, are no mistake. */
	tree_text(&tree, "etc/real", "[roles]\nadd = linked\n");
	tree_link(&tree, "etc/site/x.ini", "../real");
	tree_text(&tree, "etc/site/.x.ini.swp", "[");
	tree_text(&tree, "etc/site/.x.ini", "[");
	tree_text(&tree, "etc/site/x.ini~", "[");
	load("child");
	assert_list(&policy.profile.os.roles, "r linked");
	tree_text(&tree, "etc/waivers", "");
	assert_problem("cannot list the directory");
}

static void test_dirs(void **state)
{
	(void)state;
	strv_push(&selection.policy_dirs, &tree.arena, "/nowhere/at/all");
	assert_string_equal(problem_of("child")->origin.file, "/nowhere/at/all");
	selection.policy_dirs.count = 1;
	assert_non_null(strstr(problem_of("child")->message, "there is no os-profile in any of"));
}

/* However long the way of needs and parents is, and whatever it leads to. */
static void test_long_chains(void **state)
{
	char *text = arena_alloc(&tree.arena, 1 << 18), *end = text;

	(void)state;
	for (int i = 0; i < 400; i++)
		end += sprintf(end, RULE("r%d", "needs = r%d"), i, i + 1);
	tree_text(&tree, "etc/benchmarks/chain.ini", text);
	assert_problem("there is no rule 'r400'");
	sprintf(end, RULE("r400", ""));
	tree_text(&tree, "etc/benchmarks/chain.ini", text);
	load("child");
	sprintf(end, RULE("r400", "needs = r399"));
	tree_text(&tree, "etc/benchmarks/chain.ini", text);
	assert_int_equal(try_load("child"), -EINVAL);
	assert_int_equal(problems.count, 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_merge, make, destroy),
		cmocka_unit_test_setup_teardown(test_os_values, make, destroy),
		cmocka_unit_test_setup_teardown(test_parents, make, destroy),
		cmocka_unit_test_setup_teardown(test_site, make, destroy),
		cmocka_unit_test_setup_teardown(test_set, make, destroy),
		cmocka_unit_test_setup_teardown(test_search_order, make, destroy),
		cmocka_unit_test_setup_teardown(test_selection, make, destroy),
		cmocka_unit_test_setup_teardown(test_waivers, make, destroy),
		cmocka_unit_test_setup_teardown(test_detection, make, destroy),
		cmocka_unit_test_setup_teardown(test_optional, make, destroy),
		cmocka_unit_test_setup_teardown(test_files, make, destroy),
		cmocka_unit_test_setup_teardown(test_dirs, make, destroy),
		cmocka_unit_test_setup_teardown(test_long_chains, make, destroy),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
