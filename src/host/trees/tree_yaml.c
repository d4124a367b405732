/*
 * YAML through libyaml: one document, with anchors, aliases and merge keys. What aliases come to is
 * counted as if it had been written out, and more than a little of nothing else is refused, as
 * go-yaml does it.
 */
#include "host/trees/tree_yaml.h"
#include "base/cleanup.h"
#include "base/str.h"

#include <yaml.h>

#define TAG "tag:yaml.org,2002:"

struct yaml {
	struct tree_reader *reader;
	yaml_parser_t parser;
	struct tree anchors; /* a map of names to maps with the anchored value as `last` */
	size_t aliased;      /* values that came of aliases */
	unsigned lines;      /* of the text; libyaml also counts rarer ends of lines, and the end */
};

static inline void cleanup_event(yaml_event_t *event)
{
	yaml_event_delete(event);
}

static unsigned line_of(const struct yaml *yaml, const yaml_mark_t *mark)
{
	return mark->line < yaml->lines ? (unsigned)mark->line + 1 : yaml->lines;
}

/* The next event. YAML_NO_EVENT with a fault. */
static yaml_event_type_t next(struct yaml *yaml, yaml_event_t *ret_event)
{
	yaml_parser_t *parser = &yaml->parser;

	if (yaml_parser_parse(parser, ret_event)) {
		yaml->reader->line = line_of(yaml, &ret_event->start_mark);
		return ret_event->type;
	}
	tree_fail_at(yaml->reader, line_of(yaml, &parser->problem_mark),
		     parser->problem ? arena_strdup(yaml->reader->arena, parser->problem)
				     : "out of memory");
	return YAML_NO_EVENT;
}

static struct tree *read_node(struct yaml *yaml, const yaml_event_t *event);

static bool has_tag(const yaml_char_t *tag, const char *name)
{
	const char *text = (const char *)tag;

	return str_starts(text, TAG) && str_eq(text + strlen(TAG), name);
}

/* Does a tag say what the value is without it? */
static bool fits(const yaml_char_t *tag, enum tree_type type)
{
	static const char *const names[] = {
		"null", "bool", "int", "float", "str", "timestamp", "seq", "map",
	};

	return !tag || has_tag(tag, names[type]);
}

static struct tree *read_scalar(struct yaml *yaml, const yaml_event_t *event)
{
	struct tree_reader *reader = yaml->reader;
	const char *value = (const char *)event->data.scalar.value;
	const yaml_char_t *tag = event->data.scalar.tag;
	const char *text = arena_strndup(reader->arena, value, event->data.scalar.length);
	enum tree_type type = TREE_STRING;

	if (strlen(text) != event->data.scalar.length)
		return tree_fail(reader, "a NUL in a string");
	if (tag && has_tag(tag, "str"))
		return tree_new(reader, TREE_STRING, text);
	if (event->data.scalar.plain_implicit || tag)
		type = yaml_resolve(reader->arena, text, &text);
	if (!fits(tag, type))
		return tree_fail(reader, "a tag that is not known");
	return tree_new(reader, type, text);
}

/* Too much of the document is aliases: go-yaml's measure. */
static bool is_bomb(const struct yaml *yaml)
{
	return yaml->aliased > 100 && yaml->reader->count > 1000 &&
	       (double)yaml->aliased > 0.99 * (double)yaml->reader->count;
}

/* A copy of what is not deeper than any tree. */
static struct tree *copy(struct yaml *yaml, const struct tree *tree)
{
	struct tree_reader *reader = yaml->reader;
	struct tree *made = tree_enter(reader) ? tree_new(reader, tree->type, tree->text) : NULL;

	yaml->aliased++;
	if (made && is_bomb(yaml))
		made = tree_fail(reader, "too much of it is aliases");
	if (!made)
		return NULL;
	made->line = tree->line;
	for (const struct tree *at = tree->first; at; at = at->next) {
		struct tree *inner = copy(yaml, at);

		if (!inner)
			return NULL;
		if (tree->type == TREE_MAP)
			tree_put(reader->arena, made, at->key, inner);
		else
			tree_push(made, inner);
	}
	reader->depth--;
	return made;
}

static struct tree *read_alias(struct yaml *yaml, const yaml_event_t *event)
{
	struct tree *anchor = tree_get(&yaml->anchors, (const char *)event->data.alias.anchor);

	if (!anchor)
		return tree_fail(yaml->reader, "an alias without its anchor");
	if (!anchor->last)
		return tree_fail(yaml->reader, "an alias of what it stands in");
	return copy(yaml, anchor->last);
}

static struct tree *read_list(struct yaml *yaml, const yaml_event_t *start)
{
	struct tree *list = tree_new(yaml->reader, TREE_LIST, NULL);

	if (!fits(start->data.sequence_start.tag, TREE_LIST))
		return tree_fail(yaml->reader, "a tag that is not known");
	while (list) {
		cleanup(event) yaml_event_t event = {0};
		yaml_event_type_t type = next(yaml, &event);
		struct tree *value;

		if (type == YAML_SEQUENCE_END_EVENT)
			break;
		value = type ? read_node(yaml, &event) : NULL;
		if (!value)
			return NULL;
		tree_push(list, value);
	}
	return list;
}

/* What one map brings into another that has nothing of its own there. */
static void merge_map(struct yaml *yaml, struct tree *map, struct tree *merged)
{
	struct tree *after;

	if (merged->type != TREE_MAP)
		tree_fail(yaml->reader, "what `<<` merges is no map");
	for (struct tree *at = merged->first; at && !yaml->reader->why; at = after) {
		after = at->next;
		if (tree_get(map, at->key))
			continue;
		at->next = NULL;
		tree_put(yaml->reader->arena, map, at->key, at);
	}
}

/* What `<<` brings in: a map, or a list of maps, of which the first has the first word. */
static bool merge(struct yaml *yaml, struct tree *map, struct tree *merged)
{
	struct tree *after;

	if (merged && merged->type != TREE_LIST)
		merge_map(yaml, map, merged);
	for (struct tree *at = merged && merged->type == TREE_LIST ? merged->first : NULL; at;
	     at = after) {
		after = at->next;
		merge_map(yaml, map, at);
	}
	return !yaml->reader->why;
}

static bool read_pair(struct yaml *yaml, const yaml_event_t *event, struct tree *map,
		      struct tree **merged)
{
	struct tree_reader *reader = yaml->reader;
	cleanup(event) yaml_event_t behind = {0};
	bool is_merge = event->type == YAML_SCALAR_EVENT && event->data.scalar.plain_implicit &&
			str_eq((const char *)event->data.scalar.value, "<<");
	struct tree *key = read_node(yaml, event), *value;
	unsigned line = reader->line;

	if (!key || !key->text || key->type == TREE_NULL) {
		tree_fail(reader, "a key that is no single value");
		return false;
	}
	value = next(yaml, &behind) ? read_node(yaml, &behind) : NULL;
	if (!value)
		return false;
	if (is_merge && !*merged)
		*merged = value;
	else if (is_merge || !tree_put(reader->arena, map, key->text, value))
		tree_fail_at(reader, line,
			     arena_printf(reader->arena, "the key %s stands twice", key->text));
	return !reader->why;
}

static struct tree *read_map(struct yaml *yaml, const yaml_event_t *start)
{
	struct tree *map = tree_new(yaml->reader, TREE_MAP, NULL), *merged = NULL;

	if (!fits(start->data.mapping_start.tag, TREE_MAP))
		return tree_fail(yaml->reader, "a tag that is not known");
	while (map) {
		cleanup(event) yaml_event_t event = {0};
		yaml_event_type_t type = next(yaml, &event);

		if (type == YAML_MAPPING_END_EVENT)
			return merge(yaml, map, merged) ? map : NULL;
		if (!type || !read_pair(yaml, &event, map, &merged))
			return NULL;
	}
	return NULL;
}

static const yaml_char_t *anchor_of(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return event->data.scalar.anchor;
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.anchor;
	case YAML_MAPPING_START_EVENT:
		return event->data.mapping_start.anchor;
	default:
		return NULL;
	}
}

/* The place of an anchor's value: empty until the value is whole. */
static struct tree *open_anchor(struct yaml *yaml, const yaml_event_t *event)
{
	const char *name = (const char *)anchor_of(event);
	struct arena *arena = yaml->reader->arena;
	struct tree *anchor;

	if (!name)
		return NULL;
	anchor = tree_get(&yaml->anchors, name);
	if (!anchor) {
		anchor = arena_new(arena, struct tree);
		tree_put(arena, &yaml->anchors, arena_strdup(arena, name), anchor);
	}
	anchor->last = NULL;
	return anchor;
}

static struct tree *read_node(struct yaml *yaml, const yaml_event_t *event)
{
	struct tree *anchor = open_anchor(yaml, event), *value = NULL;

	if (!tree_enter(yaml->reader))
		return NULL;
	if (event->type == YAML_SCALAR_EVENT)
		value = read_scalar(yaml, event);
	else if (event->type == YAML_ALIAS_EVENT)
		value = read_alias(yaml, event);
	else if (event->type == YAML_SEQUENCE_START_EVENT)
		value = read_list(yaml, event);
	else if (event->type == YAML_MAPPING_START_EVENT)
		value = read_map(yaml, event);
	yaml->reader->depth--;
	if (anchor)
		anchor->last = value;
	return value;
}

/* From the start of the stream to its end: a single document. */
static struct tree *read_stream(struct yaml *yaml)
{
	struct tree *root = NULL;

	for (;;) {
		cleanup(event) yaml_event_t event = {0};

		switch (next(yaml, &event)) {
		case YAML_STREAM_START_EVENT:
		case YAML_DOCUMENT_END_EVENT:
			break;
		case YAML_DOCUMENT_START_EVENT:
			if (root)
				return tree_fail(yaml->reader, "more than one document");
			break;
		case YAML_STREAM_END_EVENT:
			return root ? root : tree_new(yaml->reader, TREE_NULL, "null");
		case YAML_NO_EVENT:
			return NULL;
		default:
			root = read_node(yaml, &event);
			if (!root)
				return NULL;
		}
	}
}

struct tree *tree_read_yaml(struct tree_reader *reader)
{
	struct yaml yaml = {.reader = reader, .anchors = {.type = TREE_MAP}};
	struct tree *root;

	yaml.lines = 1;
	for (const char *at = reader->at; *at; at++)
		yaml.lines += *at == '\n';
	if (!yaml_parser_initialize(&yaml.parser))
		return tree_fail(reader, "out of memory");
	yaml_parser_set_input_string(&yaml.parser, (const unsigned char *)reader->at,
				     strlen(reader->at));
	root = read_stream(&yaml);
	yaml_parser_delete(&yaml.parser);
	return root;
}
