#include "host/settings/sshd_keyword.h"

#include <strings.h>

const char SSHD_UNTOLD[] = "";

static const char *const flag[] = {"yes", "no", NULL};
static const char *const rhosts[] = {"yes", "no", "shosts-only", NULL};
static const char *const family[] = {"inet", "inet6", "any", NULL};
static const char *const root_login[] = {
	"without-password",
	"prohibit-password=without-password",
	"forced-commands-only",
	"yes",
	"no",
	NULL,
};
static const char *const compression[] = {"yes", "delayed=yes", "no", NULL};
static const char *const gateway[] = {"clientspecified", "yes", "no", NULL};
static const char *const forwarding[] = {"yes", "all=yes", "no", "remote", "local", NULL};
static const char *const tunnel[] = {"no", "point-to-point", "ethernet", "yes", NULL};
static const char *const pubkey[] = {"touch-required", "verify-required", NULL};

#define CIPHERS                                                                                    \
	"chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,"                          \
	"aes128-gcm@openssh.com,aes256-gcm@openssh.com"
#define MACS                                                                                       \
	"umac-64-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com,"          \
	"hmac-sha2-512-etm@openssh.com,hmac-sha1-etm@openssh.com,umac-64@openssh.com,"             \
	"umac-128@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1"
#define KEX                                                                                        \
	"sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,curve25519-sha256,"             \
	"curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,"   \
	"diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,"                      \
	"diffie-hellman-group18-sha512,diffie-hellman-group14-sha256"
#define SIGNATURES                                                                                 \
	"ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,"                 \
	"sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256"
#define KEYS                                                                                       \
	"ssh-ed25519-cert-v01@openssh.com,ecdsa-sha2-nistp256-cert-v01@openssh.com,"               \
	"ecdsa-sha2-nistp384-cert-v01@openssh.com,ecdsa-sha2-nistp521-cert-v01@openssh.com,"       \
	"sk-ssh-ed25519-cert-v01@openssh.com,sk-ecdsa-sha2-nistp256-cert-v01@openssh.com,"         \
	"rsa-sha2-512-cert-v01@openssh.com,rsa-sha2-256-cert-v01@openssh.com," SIGNATURES
#define HOST_KEYS                                                                                  \
	"/etc/ssh/ssh_host_rsa_key /etc/ssh/ssh_host_ecdsa_key /etc/ssh/ssh_host_ed25519_key"

#define GLOBAL false
#define ANYWHERE true

/* After sshd_config(5) of OpenSSH 9. */
static const struct sshd_keyword keywords[] = {
	{"AcceptEnv", SSHD_LIST, SSHD_ALL, ANYWHERE, NULL, NULL},
	{"AddressFamily", SSHD_WORD, SSHD_FIRST, GLOBAL, "any", family},
	{"AllowAgentForwarding", SSHD_WORD, SSHD_FIRST, ANYWHERE, "yes", flag},
	{"AllowGroups", SSHD_LIST, SSHD_ALL, ANYWHERE, NULL, NULL},
	{"AllowStreamLocalForwarding", SSHD_WORD, SSHD_FIRST, ANYWHERE, "yes", forwarding},
	{"AllowTcpForwarding", SSHD_WORD, SSHD_FIRST, ANYWHERE, "yes", forwarding},
	{"AllowUsers", SSHD_LIST, SSHD_ALL, ANYWHERE, NULL, NULL},
	{"AuthenticationMethods", SSHD_LIST, SSHD_FIRST, ANYWHERE, "any", NULL},
	{"AuthorizedKeysCommand", SSHD_REST, SSHD_FIRST, ANYWHERE, "none", NULL},
	{"AuthorizedKeysCommandUser", SSHD_TEXT, SSHD_FIRST, ANYWHERE, "none", NULL},
	{"AuthorizedKeysFile", SSHD_LIST, SSHD_FIRST, ANYWHERE,
	 ".ssh/authorized_keys .ssh/authorized_keys2", NULL},
	{"AuthorizedPrincipalsCommand", SSHD_REST, SSHD_VARIES, ANYWHERE, "none", NULL},
	{"AuthorizedPrincipalsCommandUser", SSHD_TEXT, SSHD_FIRST, ANYWHERE, "none", NULL},
	{"AuthorizedPrincipalsFile", SSHD_TEXT, SSHD_FIRST, ANYWHERE, "none", NULL},
	{"Banner", SSHD_TEXT, SSHD_FIRST, ANYWHERE, "none", NULL},
	{"CASignatureAlgorithms", SSHD_TEXT, SSHD_FIRST, ANYWHERE, SIGNATURES, NULL},
	{"ChannelTimeout", SSHD_LIST, SSHD_FIRST, ANYWHERE, "none", NULL},
	{"ChrootDirectory", SSHD_TEXT, SSHD_FIRST, ANYWHERE, "none", NULL},
	{"Ciphers", SSHD_TEXT, SSHD_FIRST, GLOBAL, CIPHERS, NULL},
	{"ClientAliveCountMax", SSHD_INT, SSHD_FIRST, ANYWHERE, "3", NULL},
	{"ClientAliveInterval", SSHD_TIME, SSHD_FIRST, ANYWHERE, "0", NULL},
	{"Compression", SSHD_WORD, SSHD_FIRST, GLOBAL, "yes", compression},
	{"DebianBanner", SSHD_WORD, SSHD_FIRST, GLOBAL, "yes", flag},
	{"DenyGroups", SSHD_LIST, SSHD_ALL, ANYWHERE, NULL, NULL},
	{"DenyUsers", SSHD_LIST, SSHD_ALL, ANYWHERE, NULL, NULL},
	{"DisableForwarding", SSHD_WORD, SSHD_FIRST, ANYWHERE, "no", flag},
	{"ExposeAuthInfo", SSHD_WORD, SSHD_FIRST, ANYWHERE, "no", flag},
	{"FingerprintHash", SSHD_HASH, SSHD_VARIES, GLOBAL, "SHA256", NULL},
	{"ForceCommand", SSHD_REST, SSHD_FIRST, ANYWHERE, "none", NULL},
	{"GSSAPIAuthentication", SSHD_WORD, SSHD_FIRST, ANYWHERE, "no", flag},
	{"GSSAPICleanupCredentials", SSHD_WORD, SSHD_FIRST, GLOBAL, "yes", flag},
	{"GSSAPIKexAlgorithms", SSHD_TEXT, SSHD_FIRST, GLOBAL, SSHD_UNTOLD, NULL},
	{"GSSAPIKeyExchange", SSHD_WORD, SSHD_FIRST, GLOBAL, "no", flag},
	{"GSSAPIStoreCredentialsOnRekey", SSHD_WORD, SSHD_FIRST, GLOBAL, "no", flag},
	{"GSSAPIStrictAcceptorCheck", SSHD_WORD, SSHD_FIRST, GLOBAL, "yes", flag},
	{"GatewayPorts", SSHD_WORD, SSHD_FIRST, ANYWHERE, "no", gateway},
	{"HostCertificate", SSHD_TEXT, SSHD_ALL, GLOBAL, NULL, NULL},
	{"HostKey", SSHD_TEXT, SSHD_ALL, GLOBAL, HOST_KEYS, NULL},
	{"HostKeyAgent", SSHD_TEXT, SSHD_FIRST, GLOBAL, "none", NULL},
	{"HostKeyAlgorithms", SSHD_TEXT, SSHD_FIRST, GLOBAL, KEYS, NULL},
	{"HostbasedAcceptedAlgorithms", SSHD_TEXT, SSHD_FIRST, ANYWHERE, KEYS, NULL},
	{"HostbasedAuthentication", SSHD_WORD, SSHD_FIRST, ANYWHERE, "no", flag},
	{"HostbasedUsesNameFromPacketOnly", SSHD_WORD, SSHD_FIRST, ANYWHERE, "no", flag},
	{"IPQoS", SSHD_QOS, SSHD_VARIES, ANYWHERE, SSHD_UNTOLD, NULL},
	{"IgnoreRhosts", SSHD_WORD, SSHD_FIRST, ANYWHERE, "yes", rhosts},
	{"IgnoreUserKnownHosts", SSHD_WORD, SSHD_FIRST, GLOBAL, "no", flag},
	{"KbdInteractiveAuthentication", SSHD_WORD, SSHD_FIRST, ANYWHERE, "yes", flag},
	{"KerberosAuthentication", SSHD_WORD, SSHD_FIRST, ANYWHERE, "no", flag},
	{"KerberosGetAFSToken", SSHD_WORD, SSHD_FIRST, GLOBAL, "no", flag},
	{"KerberosOrLocalPasswd", SSHD_WORD, SSHD_FIRST, GLOBAL, "yes", flag},
	{"KerberosTicketCleanup", SSHD_WORD, SSHD_FIRST, GLOBAL, "yes", flag},
	{"KexAlgorithms", SSHD_TEXT, SSHD_FIRST, GLOBAL, KEX, NULL},
	{"ListenAddress", SSHD_LISTEN, SSHD_ALL, GLOBAL, NULL, NULL},
	{"LogLevel", SSHD_LOG_LEVEL, SSHD_FIRST, ANYWHERE, "INFO", NULL},
	{"LogVerbose", SSHD_LIST, SSHD_FIRST, ANYWHERE, NULL, NULL},
	{"LoginGraceTime", SSHD_TIME, SSHD_FIRST, GLOBAL, "120", NULL},
	{"MACs", SSHD_TEXT, SSHD_FIRST, GLOBAL, MACS, NULL},
	{"MaxAuthTries", SSHD_INT, SSHD_FIRST, ANYWHERE, "6", NULL},
	{"MaxSessions", SSHD_INT, SSHD_FIRST, ANYWHERE, "10", NULL},
	{"MaxStartups", SSHD_STARTUPS, SSHD_VARIES, GLOBAL, "10:30:100", NULL},
	{"ModuliFile", SSHD_TEXT, SSHD_FIRST, GLOBAL, SSHD_UNTOLD, NULL},
	{"PAMServiceName", SSHD_TEXT, SSHD_FIRST, ANYWHERE, "sshd", NULL},
	{"PasswordAuthentication", SSHD_WORD, SSHD_FIRST, ANYWHERE, "yes", flag},
	{"PerSourceMaxStartups", SSHD_INT_NONE, SSHD_VARIES, GLOBAL, "none", NULL},
	{"PerSourceNetBlockSize", SSHD_NETBLOCK, SSHD_VARIES, GLOBAL, "32:128", NULL},
	{"PerSourcePenalties", SSHD_LIST, SSHD_VARIES, GLOBAL, SSHD_UNTOLD, NULL},
	{"PerSourcePenaltyExemptList", SSHD_TEXT, SSHD_FIRST, GLOBAL, "none", NULL},
	{"PermitEmptyPasswords", SSHD_WORD, SSHD_FIRST, ANYWHERE, "no", flag},
	{"PermitListen", SSHD_PORTS, SSHD_FIRST, ANYWHERE, "any", NULL},
	{"PermitOpen", SSHD_PORTS, SSHD_FIRST, ANYWHERE, "any", NULL},
	{"PermitRootLogin", SSHD_WORD, SSHD_FIRST, ANYWHERE, "without-password", root_login},
	{"PermitTTY", SSHD_WORD, SSHD_FIRST, ANYWHERE, "yes", flag},
	{"PermitTunnel", SSHD_WORD, SSHD_FIRST, ANYWHERE, "no", tunnel},
	{"PermitUserEnvironment", SSHD_TEXT, SSHD_FIRST, GLOBAL, "no", NULL},
	{"PermitUserRC", SSHD_WORD, SSHD_FIRST, ANYWHERE, "yes", flag},
	{"PidFile", SSHD_TEXT, SSHD_FIRST, GLOBAL, SSHD_UNTOLD, NULL},
	{"Port", SSHD_INT, SSHD_ALL, GLOBAL, "22", NULL},
	{"PrintLastLog", SSHD_WORD, SSHD_FIRST, GLOBAL, "yes", flag},
	{"PrintMotd", SSHD_WORD, SSHD_FIRST, GLOBAL, "yes", flag},
	{"PubkeyAcceptedAlgorithms", SSHD_TEXT, SSHD_FIRST, ANYWHERE, KEYS, NULL},
	{"PubkeyAuthOptions", SSHD_FLAGS, SSHD_FIRST, ANYWHERE, "none", pubkey},
	{"PubkeyAuthentication", SSHD_WORD, SSHD_FIRST, ANYWHERE, "yes", flag},
	{"RDomain", SSHD_TEXT, SSHD_FIRST, ANYWHERE, "none", NULL},
	{"RefuseConnection", SSHD_WORD, SSHD_FIRST, ANYWHERE, "no", flag},
	{"RekeyLimit", SSHD_REKEY, SSHD_FIRST, ANYWHERE, "0 0", NULL},
	{"RequiredRSASize", SSHD_INT, SSHD_FIRST, ANYWHERE, "1024", NULL},
	{"RevokedKeys", SSHD_TEXT, SSHD_FIRST, ANYWHERE, "none", NULL},
	{"SecurityKeyProvider", SSHD_TEXT, SSHD_FIRST, GLOBAL, "internal", NULL},
	{"SetEnv", SSHD_ENVIRONMENT, SSHD_FIRST, ANYWHERE, NULL, NULL},
	{"SshdAuthPath", SSHD_TEXT, SSHD_FIRST, GLOBAL, SSHD_UNTOLD, NULL},
	{"SshdSessionPath", SSHD_TEXT, SSHD_FIRST, GLOBAL, SSHD_UNTOLD, NULL},
	{"StreamLocalBindMask", SSHD_MODE, SSHD_VARIES, ANYWHERE, "0177", NULL},
	{"StreamLocalBindUnlink", SSHD_WORD, SSHD_FIRST, ANYWHERE, "no", flag},
	{"StrictModes", SSHD_WORD, SSHD_FIRST, GLOBAL, "yes", flag},
	{"Subsystem", SSHD_LIST, SSHD_EACH, ANYWHERE, NULL, NULL},
	{"SyslogFacility", SSHD_FACILITY, SSHD_FIRST, GLOBAL, "AUTH", NULL},
	{"TCPKeepAlive", SSHD_WORD, SSHD_FIRST, GLOBAL, "yes", flag},
	{"TrustedUserCAKeys", SSHD_TEXT, SSHD_FIRST, ANYWHERE, "none", NULL},
	{"UnusedConnectionTimeout", SSHD_TIME_NONE, SSHD_VARIES, ANYWHERE, "none", NULL},
	{"UseDNS", SSHD_WORD, SSHD_FIRST, GLOBAL, "no", flag},
	{"UsePAM", SSHD_WORD, SSHD_FIRST, GLOBAL, "no", flag},
	{"VersionAddendum", SSHD_REST, SSHD_FIRST, GLOBAL, "none", NULL},
	{"X11DisplayOffset", SSHD_INT, SSHD_FIRST, ANYWHERE, "10", NULL},
	{"X11Forwarding", SSHD_WORD, SSHD_FIRST, ANYWHERE, "no", flag},
	{"X11UseLocalhost", SSHD_WORD, SSHD_FIRST, ANYWHERE, "yes", flag},
	{"XAuthLocation", SSHD_TEXT, SSHD_FIRST, GLOBAL, SSHD_UNTOLD, NULL},
};

#define N_KEYWORDS (sizeof(keywords) / sizeof(keywords[0]))

/* Names that sshd still takes for a keyword. */
static const char *const aliases[][2] = {
	{"ChallengeResponseAuthentication", "KbdInteractiveAuthentication"},
	{"DSAAuthentication", "PubkeyAuthentication"},
	{"GSSAPICleanupCreds", "GSSAPICleanupCredentials"},
	{"HostDsaKey", "HostKey"},
	{"HostbasedAcceptedKeyTypes", "HostbasedAcceptedAlgorithms"},
	{"KeepAlive", "TCPKeepAlive"},
	{"PubkeyAcceptedKeyTypes", "PubkeyAcceptedAlgorithms"},
	{"RSAMinSize", "RequiredRSASize"},
	{"SkeyAuthentication", "KbdInteractiveAuthentication"},
};

static const char *const dead[] = {
	"AFSTokenPassing",
	"AuthorizedKeysFile2",
	"CheckMail",
	"GSSAPIUseSessionCredCache",
	"KerberosTgtPassing",
	"KeyRegenerationInterval",
	"PAMAuthenticationViaKbdInt",
	"Protocol",
	"RSAAuthentication",
	"ReverseMappingCheck",
	"RhostsAuthentication",
	"RhostsRSAAuthentication",
	"ServerKeyBits",
	"UseLogin",
	"UsePrivilegeSeparation",
	"VerifyReverseMapping",
};

const struct sshd_keyword *sshd_keyword_find(const char *name)
{
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (!strcasecmp(aliases[i][0], name))
			name = aliases[i][1];
	for (size_t i = 0; i < N_KEYWORDS; i++)
		if (!strcasecmp(keywords[i].name, name))
			return &keywords[i];
	return NULL;
}

bool sshd_keyword_is_dead(const char *name)
{
	for (size_t i = 0; i < sizeof(dead) / sizeof(dead[0]); i++)
		if (!strcasecmp(dead[i], name))
			return true;
	return false;
}
