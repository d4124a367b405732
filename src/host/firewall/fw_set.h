/*
 * Sets of values of one property of a packet: addresses, ports, names of interfaces. Sorted ranges;
 * they are made in an arena and never changed. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

typedef unsigned __int128 fw_value;

#define FW_VALUE_MAX (~(fw_value)0)

struct fw_range {
	fw_value low, high; /* both belong to it */
};

struct fw_set {
	const struct fw_range *at; /* sorted, with gaps between any two */
	size_t count;              /* 0: the empty set */
};

/* Of ranges in any order, which may overlap; one whose `low` is above its `high` is empty. */
struct fw_set fw_set_make(struct arena *arena, const struct fw_range *ranges, size_t count);

struct fw_set fw_set_range(struct arena *arena, fw_value low, fw_value high);
struct fw_set fw_set_and(struct arena *arena, struct fw_set a, struct fw_set b);
struct fw_set fw_set_or(struct arena *arena, struct fw_set a, struct fw_set b);
struct fw_set fw_set_minus(struct arena *arena, struct fw_set a, struct fw_set b);

bool fw_set_equal(struct fw_set a, struct fw_set b);
bool fw_set_meets(struct fw_set a, struct fw_set b);
bool fw_set_within(struct fw_set a, struct fw_set b);

/* The name of an interface as a value; a `*` or `+` at its end makes a range, as `star` says. */
struct fw_set fw_set_interface(struct arena *arena, const char *name, char star);

/* The values v below 2^bits with (v & mask) == value; bits is 16 at most. */
struct fw_set fw_set_masked(struct arena *arena, unsigned bits, uint32_t mask, uint32_t value);
