#include "host/containers/posture.h"

#include "host/containers/status.h"

/* What a trait comes to, if nobody could tell: the one, and then the other. */
static bool has(const struct container *container, enum trait trait, bool doubt)
{
	int yes = container->traits[trait].yes;

	return yes < 0 ? doubt : yes;
}

static bool is_host(const struct container *container, bool doubt)
{
	bool user = has(container, TRAIT_HOST_USER, doubt);

	if (has(container, TRAIT_PRIVILEGED, doubt) || has(container, TRAIT_RUNTIME_SOCKET, doubt))
		return true;
	if (user && container->capabilities & capabilities_mighty)
		return true;
	/* Who is the host's root can write what belongs to it. */
	return (container->shows_root || (doubt && container->paths_why)) &&
	       has(container, TRAIT_ROOT, doubt);
}

static bool is_open(const struct container *container, bool doubt)
{
	static const enum trait opening[] = {TRAIT_HOST_IPC,  TRAIT_HOST_NETWORK,
					     TRAIT_HOST_PATH, TRAIT_HOST_PID,
					     TRAIT_HOST_UTS,  TRAIT_SECCOMP_UNCONFINED};

	for (size_t i = 0; i < sizeof(opening) / sizeof(opening[0]); i++)
		if (has(container, opening[i], doubt))
			return true;
	/* Where no module labels processes, none can confine them. */
	if (container->label && *container->label && has(container, TRAIT_LSM_UNCONFINED, doubt))
		return true;
	return has(container, TRAIT_HOST_USER, doubt) &&
	       container->capabilities & ~capabilities_usual;
}

static bool is_tight(const struct container *container, bool doubt)
{
	if (has(container, TRAIT_NEW_PRIVILEGES, doubt) || has(container, TRAIT_ROOT, doubt))
		return false;
	return !(container->capabilities & ~capabilities_tight);
}

static enum posture judge(const struct container *container, bool doubt)
{
	if (is_host(container, doubt))
		return POSTURE_HOST;
	if (is_open(container, doubt))
		return POSTURE_OPEN;
	return is_tight(container, doubt) ? POSTURE_TIGHT : POSTURE_DEFAULT;
}

void posture_find(struct container *container)
{
	enum posture best = judge(container, false);
	enum posture worst = judge(container, true);

	container->posture = best == worst ? best : POSTURE_UNKNOWN;
	if (best == worst)
		return;
	container->posture_why = container->paths_why;
	for (size_t i = 0; i < N_TRAITS && !container->posture_why; i++)
		container->posture_why = container->traits[i].why;
}

const char *posture_name(enum posture posture)
{
	static const char *const names[] = {"host", "open", "default", "tight", "unknown"};

	return names[posture];
}
