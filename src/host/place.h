/* What a path leads to: looked up once a run, however many rules ask of it. */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

struct host;

struct place {
	const char *path;  /* that was asked for */
	const char *found; /* the canonical path inside the root; NULL with an error */
	int error;         /* why there is none, or why its metadata cannot be had; 0: neither */
	struct statx stat; /* of what links lead to; only without an error */
};

/* The place that a path leads to, all links followed. Never NULL; the host's arena owns it. */
const struct place *place_get(struct host *host, const char *path)
	__attribute__((nonnull, returns_nonnull));

/* What is made anew at each boot, whatever the OS: it says nothing of the next one. */
bool place_is_volatile(const char *path) __attribute__((nonnull));

/* Owners and attributes get lost where somebody unpacks an image without being root. */
bool place_lost_owners(struct host *host) __attribute__((nonnull));
