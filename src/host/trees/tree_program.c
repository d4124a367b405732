#include "host/trees/tree_program.h"

/* What dockerd does where neither its file nor its arguments say it: dockerd(8). */
static const struct tree_default docker[] = {
	{"icc", "true", NULL, "icc"},
	{"live-restore", "false", NULL, "live-restore"},
	{"userland-proxy", "true", NULL, "userland-proxy"},
	{"no-new-privileges", "false", NULL, "no-new-privileges"},
	{"log-level", "info", NULL, "log-level"},
	{"log-driver", "json-file", NULL, "log-driver"},
	{"iptables", "true", NULL, "iptables"},
	{"ip6tables", NULL, NULL, "ip6tables"},
	{"experimental", "false", NULL, "experimental"},
	{"selinux-enabled", "false", NULL, "selinux-enabled"},
	{"userns-remap", NULL, NULL, "userns-remap"},
	{"tls", "false", NULL, "tls"},
	{"tlsverify", "false", NULL, "tlsverify"},
	{"tlscacert", NULL, NULL, "tlscacert"},
	{"tlscert", NULL, NULL, "tlscert"},
	{"tlskey", NULL, NULL, "tlskey"},
	{"storage-driver", NULL, NULL, "storage-driver"},
	{"cgroup-parent", NULL, NULL, "cgroup-parent"},
	{"seccomp-profile", NULL, NULL, "seccomp-profile"},
	{"default-runtime", "runc", NULL, "default-runtime"},
	{"insecure-registries", NULL, NULL, "insecure-registry"},
	{"registry-mirrors", NULL, NULL, "registry-mirror"},
	{"authorization-plugins", NULL, NULL, "authorization-plugin"},
	{"default-ulimits", NULL, NULL, "default-ulimit"},
	{"log-opts", NULL, NULL, "log-opt"},
	{"exec-opts", NULL, NULL, "exec-opt"},
	{"storage-opts", NULL, NULL, "storage-opt"},
	{"hosts", NULL, NULL, "host"},
	{0},
};

/* Of the kubelet: what a file gets by default, and what holds where there is no file at all. */
static const struct tree_default kubelet[] = {
	{"authentication.anonymous.enabled", "false", "true", "anonymous-auth"},
	{"authentication.webhook.enabled", "true", "false", "authentication-token-webhook"},
	{"authentication.x509.clientCAFile", NULL, NULL, "client-ca-file"},
	{"authorization.mode", "Webhook", "AlwaysAllow", "authorization-mode"},
	{"readOnlyPort", "0", "10255", "read-only-port"},
	{"streamingConnectionIdleTimeout", "4h0m0s", NULL, "streaming-connection-idle-timeout"},
	{"protectKernelDefaults", "false", NULL, "protect-kernel-defaults"},
	{"makeIPTablesUtilChains", "true", NULL, "make-iptables-util-chains"},
	{"eventRecordQPS", NULL, NULL, "event-qps"},
	{"tlsCertFile", NULL, NULL, "tls-cert-file"},
	{"tlsPrivateKeyFile", NULL, NULL, "tls-private-key-file"},
	{"tlsCipherSuites", NULL, NULL, "tls-cipher-suites"},
	{"tlsMinVersion", NULL, NULL, "tls-min-version"},
	{"rotateCertificates", "false", NULL, "rotate-certificates"},
	{"serverTLSBootstrap", "false", NULL, "rotate-server-certificates"},
	{"podPidsLimit", "-1", NULL, "pod-max-pids"},
	{"seccompDefault", "false", NULL, "seccomp-default"},
	{"address", "0.0.0.0", NULL, "address"},
	{0},
};

static const struct tree_default containerd[] = {{0}};

static const struct tree_program programs[] = {
	{
		.name = "containerd",
		.command = "containerd",
		.unit = "containerd.service",
		.syntax = TREE_TOML,
		.file = "/etc/containerd/config.toml",
		.file_flag = "config",
		.versions = true,
		.defaults = containerd,
	},
	{
		.name = "docker",
		.command = "dockerd",
		.unit = "docker.service",
		.syntax = TREE_JSON,
		.file = "/etc/docker/daemon.json",
		.file_flag = "config-file",
		.no_both = true,
		.defaults = docker,
	},
	{
		.name = "kubelet",
		.command = "kubelet",
		.unit = "kubelet.service",
		.syntax = TREE_YAML,
		.file_flag = "config",
		.dir_flag = "config-dir",
		.kind = "KubeletConfiguration",
		.needs_unit = true,
		.defaults = kubelet,
	},
};

const struct tree_program *tree_program_find(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (strlen(programs[i].name) == length && !memcmp(programs[i].name, name, length))
			return &programs[i];
	return NULL;
}

/* dockerd's letters, as the start of a word. */
static const struct {
	const char *letter, *flag;
} letters[] = {{"-H", "host"},
	       {"-l", "log-level"},
	       {"-s", "storage-driver"},
	       {"-D", "debug"},
	       {"-c", "config"}};

/* Whether a word is the letter of a flag, whose value is then in the word or behind it. */
static bool is_letter(const char *word, const char *flag)
{
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		if (str_starts(word, letters[i].letter) && str_eq(flag, letters[i].flag))
			return true;
	return false;
}

const char *tree_argument(const struct tree_arguments *arguments, const char *flag)
{
	const char *value = NULL;
	size_t length = strlen(flag);

	for (size_t i = 0; i < arguments->words.count; i++) {
		const char *word = arguments->words.at[i];

		if (is_letter(word, flag))
			value = word[2]                          ? word + 2
				: i + 1 < arguments->words.count ? arguments->words.at[i + 1]
								 : "true";
		if (!str_starts(word, "--") || strncmp(word + 2, flag, length) != 0)
			continue;
		if (word[length + 2] == '=')
			value = word + length + 3;
		else if (!word[length + 2])
			value = i + 1 < arguments->words.count &&
						!str_starts(arguments->words.at[i + 1], "-")
					? arguments->words.at[i + 1]
					: "true";
	}
	return value;
}
