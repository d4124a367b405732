/*
 * What the lines of sshd_config come to. sshd reads them twice: at its start, when no Match holds
 * but `Match all`; and for each connection, when only Match blocks count. What the second reading
 * finds replaces what the first one found.
 */
#include "host/settings/sshd_config.h"
#include "host/settings/sshd_match.h"

#include <stdlib.h>

/* What sshd takes of Subsystem. */
#define MOST_EACH 256

/* Lines that count, in the order of their weight. */
struct counted {
	const struct sshd_step **at;
	size_t count, space;
	const struct sshd_step
		*unsure; /* a line in a block of which nobody knows whether it holds */
};

static void count_in(struct arena *arena, struct counted *counted, const struct sshd_step *step)
{
	if (counted->count == counted->space) {
		size_t space = counted->space ? counted->space * 2 : 8;

		counted->at = arena_grow(arena, counted->at, counted->count * sizeof(step),
					 space * sizeof(step));
		counted->space = space;
	}
	counted->at[counted->count++] = step;
}

static bool holds_at_start(const struct sshd_block *block)
{
	for (; block; block = block->parent)
		if (!block->all)
			return false;
	return true;
}

static enum sshd_matched holds_for(struct arena *arena, const struct sshd_block *block,
				   const struct sshd_connection *connection)
{
	enum sshd_matched all = SSHD_MATCH_YES;

	for (; block; block = block->parent) {
		enum sshd_matched one = sshd_match(arena, block->condition, connection);

		if (one == SSHD_MATCH_NO)
			return one;
		if (one != SSHD_MATCH_YES)
			all = SSHD_MATCH_UNSURE;
	}
	return all;
}

static bool is_about(const struct sshd_step *step, const struct sshd_keyword *keyword)
{
	return step->error || step->keyword == keyword;
}

/* The first reading. */
static void count_start(struct arena *arena, const struct sshd_config *config,
			const struct sshd_keyword *keyword, struct counted *counted)
{
	for (size_t i = 0; i < config->count; i++)
		if (is_about(&config->at[i], keyword) && holds_at_start(config->at[i].block))
			count_in(arena, counted, &config->at[i]);
}

/*
 * The second one. A file that cannot be read may hold Match blocks of its own. Where no connection
 * is asked for, only what holds for all of them counts.
 */
static void count_connection(struct arena *arena, const struct sshd_config *config,
			     const struct sshd_question *question, struct counted *counted)
{
	const struct sshd_connection *asked = question->connection, all = {0};
	const struct sshd_block *block = NULL;
	enum sshd_matched holds = SSHD_MATCH_NO;

	for (size_t i = 0; i < config->count; i++) {
		const struct sshd_step *step = &config->at[i];

		if (!is_about(step, question->keyword) || !(step->block || step->error))
			continue;
		if (!step->block || step->block != block)
			holds = holds_for(arena, step->block, asked ? asked : &all);
		block = step->block;
		if (holds == SSHD_MATCH_UNSURE && !asked)
			continue;
		if (holds == SSHD_MATCH_UNSURE && !counted->unsure && !counted->count)
			counted->unsure = step;
		if (holds == SSHD_MATCH_UNSURE && question->keyword->rule != SSHD_FIRST)
			counted->unsure = step;
		if (holds == SSHD_MATCH_YES)
			count_in(arena, counted, step);
	}
}

static void count_block(struct arena *arena, const struct sshd_config *config,
			const struct sshd_question *question, struct counted *counted)
{
	for (size_t i = 0; i < config->count; i++)
		if (is_about(&config->at[i], question->keyword) &&
		    config->at[i].block == question->block)
			count_in(arena, counted, &config->at[i]);
}

static bool unknown(struct sshd_answer *answer, const char *source, const char *why)
{
	*answer = (struct sshd_answer){.source = source, .why = why};
	return true;
}

static bool unreadable(struct arena *arena, const struct sshd_step *step,
		       struct sshd_answer *answer)
{
	return unknown(answer, step->source,
		       arena_printf(arena, "cannot read %s: %s", step->source,
				    host_error(step->error)));
}

/* The line's value, or NULL with an answer that says why there is none. */
static const char *value_of(struct arena *arena, const struct sshd_step *step,
			    struct sshd_answer *answer)
{
	const char *value;

	if (step->error) {
		unreadable(arena, step, answer);
		return NULL;
	}
	value = sshd_value(arena, step->keyword, step->line);
	if (!value)
		unknown(answer, step->source,
			arena_printf(arena, "no value of %s that we know: %s", step->keyword->name,
				     step->line->rest));
	else if (!step->keyword->match && !holds_at_start(step->block))
		unknown(answer, step->source, "not allowed in a Match block");
	else
		return value;
	return NULL;
}

/* Of a line that sshd refuses the others do not count either: it does not start. */
static bool all_valid(struct arena *arena, const struct counted *counted,
		      struct sshd_answer *answer)
{
	for (size_t i = 0; i < counted->count; i++)
		if (!counted->at[i]->error && !value_of(arena, counted->at[i], answer))
			return false;
	return true;
}

static bool answer_rekey(struct arena *arena, const struct counted *counted,
			 struct sshd_answer *answer)
{
	const char *amount = NULL, *time = NULL;

	for (size_t i = 0; i < counted->count && !(amount && time); i++) {
		const char *one, *other;

		if (counted->at[i]->error)
			return unreadable(arena, counted->at[i], answer);
		if (!sshd_rekey(arena, counted->at[i]->line, &one, &other))
			return unknown(answer, counted->at[i]->source, "no value of RekeyLimit");
		amount = amount ? amount : one;
		time = time ? time : other;
	}
	*answer = (struct sshd_answer){
		.value = arena_printf(arena, "%s %s", amount, time ? time : "0"),
		.source = counted->at[0]->source,
	};
	return true;
}

static bool answer_first(struct arena *arena, const struct counted *counted,
			 struct sshd_answer *answer)
{
	const char *value = value_of(arena, counted->at[0], answer);

	if (value)
		*answer = (struct sshd_answer){.value = value, .source = counted->at[0]->source};
	return true;
}

static bool answer_all(struct arena *arena, const struct counted *counted,
		       struct sshd_answer *answer)
{
	struct strv values = {0};

	for (size_t i = 0; i < counted->count; i++) {
		const char *value = value_of(arena, counted->at[i], answer);

		if (!value)
			return true;
		strv_push(&values, arena, value);
	}
	*answer = (struct sshd_answer){.value = strv_join(&values, arena, " "),
				       .source = counted->at[0]->source};
	return true;
}

static bool answer_varying(struct arena *arena, const struct counted *counted,
			   struct sshd_answer *answer)
{
	const char *first = value_of(arena, counted->at[0], answer);

	if (!first)
		return true;
	for (size_t i = 1; i < counted->count; i++) {
		const char *value = value_of(arena, counted->at[i], answer);

		if (!value)
			return true;
		if (!str_eq(first, value))
			return unknown(
				answer, counted->at[i]->source,
				"several lines differ, and it depends on the version of sshd "
				"which of them counts");
	}
	*answer = (struct sshd_answer){.value = first, .source = counted->at[0]->source};
	return true;
}

/* Did an earlier line have the same first word? Then that one counts. */
static bool is_repeated(const struct counted *counted, size_t at)
{
	const struct sshd_step *step = counted->at[at];

	for (size_t i = 0; i < at && !step->error; i++)
		if (!counted->at[i]->error &&
		    str_eq(counted->at[i]->line->words.at[0], step->line->words.at[0]))
			return true;
	return false;
}

static bool answer_each(struct arena *arena, const struct counted *counted, size_t nth,
			struct sshd_answer *answer)
{
	const char *value;

	if (counted->count > MOST_EACH)
		return !nth && unknown(answer, counted->at[MOST_EACH]->source, "too many of them");
	for (size_t i = 0; i < counted->count; i++) {
		if (is_repeated(counted, i) || nth--)
			continue;
		value = value_of(arena, counted->at[i], answer);
		if (value)
			*answer = (struct sshd_answer){.value = value,
						       .source = counted->at[i]->source};
		return true;
	}
	return false;
}

static bool answer_lines(struct arena *arena, const struct sshd_keyword *keyword,
			 const struct counted *counted, size_t nth, struct sshd_answer *answer)
{
	if (!all_valid(arena, counted, answer))
		return !nth;
	if (keyword->kind == SSHD_REKEY)
		return answer_rekey(arena, counted, answer);
	switch (keyword->rule) {
	case SSHD_ALL:
		return answer_all(arena, counted, answer);
	case SSHD_VARIES:
		return answer_varying(arena, counted, answer);
	case SSHD_EACH:
		return answer_each(arena, counted, nth, answer);
	default:
		return answer_first(arena, counted, answer);
	}
}

static void answer_default(const struct sshd_keyword *keyword, struct sshd_answer *answer)
{
	*answer = (struct sshd_answer){.value = keyword->standard ? keyword->standard : ""};
	if (keyword->standard == SSHD_UNTOLD)
		answer->why = "no line sets it, and its default depends on how sshd was built";
}

/* The value of another keyword, on which this one depends. */
static const char *ask_global(struct arena *arena, const struct sshd_config *config,
			      const char *name, struct sshd_answer *answer)
{
	struct sshd_answer other = {0};

	sshd_ask(arena, config, &(struct sshd_question){.keyword = sshd_keyword_find(name)}, 0,
		 &other);
	if (other.why)
		unknown(answer, other.source, other.why);
	return other.why ? NULL : other.value;
}

/* ListenAddress: with the ports that a line leaves open, and any address without a line. */
static void answer_listen(struct arena *arena, const struct sshd_config *config,
			  struct sshd_answer *answer)
{
	const char *ports = ask_global(arena, config, "Port", answer), *family, *value;

	if (!ports)
		return;
	family = ask_global(arena, config, "AddressFamily", answer);
	if (!family)
		return;
	if (!*answer->value)
		answer->value = str_eq(family, "inet")    ? "0.0.0.0"
				: str_eq(family, "inet6") ? "::"
							  : "0.0.0.0 ::";
	value = sshd_listen(arena, answer->value, ports);
	if (value)
		answer->value = value;
	else
		unknown(answer, answer->source, "no address that we know");
}

bool sshd_ask(struct arena *arena, const struct sshd_config *config,
	      const struct sshd_question *question, size_t nth, struct sshd_answer *ret_answer)
{
	const struct sshd_keyword *keyword = question->keyword;
	struct counted counted = {0};

	if (question->block)
		count_block(arena, config, question, &counted);
	else
		count_connection(arena, config, question, &counted);
	if (counted.unsure)
		return !nth && unknown(ret_answer, counted.unsure->source,
				       arena_printf(arena, "it depends on Match %s",
						    counted.unsure->block->condition));
	/* Lists are replaced as a whole; of others the parts that a block leaves open stay. */
	if (!question->block &&
	    (!counted.count || keyword->rule == SSHD_FIRST || keyword->rule == SSHD_EACH))
		count_start(arena, config, keyword, &counted);
	if (nth && keyword->rule != SSHD_EACH)
		return false;
	if (!counted.count && (nth || question->block))
		return false;
	if (!counted.count)
		answer_default(keyword, ret_answer);
	else if (!answer_lines(arena, keyword, &counted, nth, ret_answer))
		return false;
	if (keyword->kind == SSHD_LISTEN && ret_answer->value)
		answer_listen(arena, config, ret_answer);
	return true;
}
