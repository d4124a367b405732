#include "host/settings/sshd_config.h"

#include "host/settings/sshd_match.h"

#include <errno.h>
#include <strings.h>

/* As sshd has it. */
#define DEEPEST 16

/* Far more than anybody has: a tree must not keep us busy. */
#define MOST_STEPS ((size_t)100000)
#define MOST_FILES ((size_t)1000)

static const char *const places[] = {
	"/etc/ssh/sshd_config",
	"/usr/etc/ssh/sshd_config",   /* SUSE */
	"/usr/share/ssh/sshd_config", /* Flatcar */
	NULL,
};

struct loader {
	struct host *host;
	struct sshd_config *config;
	size_t files;
};

static int load_file(struct loader *loader, const char *path, const struct sshd_block *block,
		     unsigned depth);

static int push(struct loader *loader, const struct sshd_step *step)
{
	struct sshd_config *config = loader->config;

	if (config->count >= MOST_STEPS)
		return -E2BIG;
	if (config->count == config->space) {
		size_t space = config->space ? config->space * 2 : 64;

		config->at = arena_grow(loader->host->arena, config->at,
					config->count * sizeof(*step), space * sizeof(*step));
		config->space = space;
	}
	config->at[config->count++] = *step;
	return 0;
}

static void refuse(struct loader *loader, const char *source, const char *why)
{
	struct sshd_config *config = loader->config;

	if (!config->refused)
		config->refused = arena_printf(loader->host->arena, "sshd would not start: %s: %s",
					       source, why);
}

static int include(struct loader *loader, const struct sshd_step *step, unsigned depth)
{
	struct arena *arena = loader->host->arena;
	const struct strv *words = &step->line->words;

	for (size_t i = 0; i < words->count; i++) {
		const char *pattern = words->at[i];
		struct strv paths = {0};
		int error;

		/* `~` stands for nothing here, and sshd finds no file of that name. */
		if (*pattern == '~')
			continue;
		if (*pattern != '/')
			pattern = arena_printf(arena, "/etc/ssh/%s", pattern);
		error = host_glob(loader->host, pattern, &paths);
		if (error)
			error = push(loader, &(struct sshd_step){.error = error,
								 .source = pattern,
								 .block = step->block});
		for (size_t k = 0; k < paths.count && !error; k++)
			error = load_file(loader, paths.at[k], step->block, depth + 1);
		if (error)
			return error;
	}
	if (!words->count)
		refuse(loader, step->source, "Include without a file");
	return 0;
}

static const struct sshd_block *make_block(struct loader *loader, const struct sshd_step *step)
{
	struct arena *arena = loader->host->arena;
	struct sshd_block *block = arena_new(arena, struct sshd_block);

	*block = (struct sshd_block){.parent = step->block,
				     .source = step->source,
				     .condition = step->line->rest};
	if (sshd_match(arena, block->condition, &(struct sshd_connection){0}) == SSHD_MATCH_WRONG)
		refuse(loader, step->source, "no such condition of Match");
	block->all = sshd_match_is_all(arena, block->condition);
	return block;
}

static int load_line(struct loader *loader, const char *path, const struct sshd_line *line,
		     const struct sshd_block *outer, const struct sshd_block **block,
		     unsigned depth)
{
	struct sshd_step step = {.line = line, .block = *block};

	step.source = arena_printf(loader->host->arena, "%s:%u", path, line->number);
	if (line->error) {
		refuse(loader, step.source,
		       *line->rest ? "a quote is not closed" : "a keyword without a value");
		return 0;
	}
	if (!strcasecmp(line->keyword, "Include"))
		return include(loader, &step, depth);
	if (!strcasecmp(line->keyword, "Match")) {
		step.block = outer;
		*block = make_block(loader, &step);
		return 0;
	}
	/* Keywords that we do not know may belong to a newer sshd, or to a patched one. */
	step.keyword = sshd_keyword_find(line->keyword);
	return step.keyword ? push(loader, &step) : 0;
}

static int load_text(struct loader *loader, const char *path, char *text,
		     const struct sshd_block *outer, unsigned depth)
{
	const struct sshd_block *block = outer;
	struct sshd_lines lines = {0};
	int error = 0;

	sshd_lex(loader->host->arena, text, &lines);
	for (size_t i = 0; i < lines.count && !error; i++)
		error = load_line(loader, path, &lines.at[i], outer, &block, depth);
	return error;
}

/* Match blocks end with the file. What was open where it was included goes on behind it. */
static int load_file(struct loader *loader, const char *path, const struct sshd_block *block,
		     unsigned depth)
{
	cleanup(text) struct host_text text = {0};
	struct statx stat;
	int error;

	if (depth > DEEPEST) {
		refuse(loader, path, "Include goes deeper than 16 files");
		return 0;
	}
	if (loader->config->refused)
		return 0;
	if (++loader->files > MOST_FILES)
		return -E2BIG;
	error = host_read(loader->host, path, 0, &text);
	if (!error)
		return load_text(loader, path, text.data, block, depth);
	/* sshd can open a directory, and finds nothing in it. */
	if (!host_stat(loader->host, path, true, &stat) && S_ISDIR(stat.stx_mode))
		return 0;
	return push(loader, &(struct sshd_step){.error = error, .source = path, .block = block});
}

static int load_main(struct loader *loader)
{
	cleanup(text) struct host_text text = {0};

	for (const char *const *place = places; *place; place++) {
		int error = host_read(loader->host, *place, 0, &text);

		if (error == -ENOENT || error == -ENOTDIR)
			continue;
		loader->config->path = *place;
		return error ? error : load_text(loader, *place, text.data, NULL, 0);
	}
	return 0;
}

static const void *load(struct host *host)
{
	struct sshd_config *config = arena_new(host->arena, struct sshd_config);
	struct loader loader = {.host = host, .config = config};

	config->error = load_main(&loader);
	return config;
}

const struct sshd_config *sshd_config_get(struct host *host)
{
	return host_view(host, load);
}
