#include "base/date.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Nothing that hostaudit knows is older; what looks older is the number of a version. */
#define FIRST_YEAR 2013
#define LAST_YEAR 2199

static int number(const char *digits, size_t count)
{
	int value = 0;

	while (count--)
		value = value * 10 + (*digits++ - '0');
	return value;
}

/* Eight digits. */
static int to_day(const char digits[8], day_t *ret_day)
{
	struct tm tm = {
		.tm_year = number(digits, 4) - 1900,
		.tm_mon = number(digits + 4, 2) - 1,
		.tm_mday = number(digits + 6, 2),
	};
	struct tm same = tm;
	time_t time = timegm(&same);

	/* timegm(3) makes the first of March of the 30th of February. */
	if (same.tm_mon != tm.tm_mon || same.tm_mday != tm.tm_mday)
		return -EINVAL;
	*ret_day = (day_t)(time / 86400);
	return 0;
}

/* Does it begin with YYYY-MM-DD? */
static bool take_dashed(const char *text, char ret_digits[8])
{
	static const char form[] = "dddd-dd-dd";
	size_t count = 0;

	for (size_t i = 0; form[i]; i++) {
		if (form[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != '-')
			return false;
		if (form[i] == 'd')
			ret_digits[count++] = text[i];
	}
	return !isdigit((unsigned char)text[strlen(form)]);
}

int date_parse(const char *text, day_t *ret_day)
{
	char digits[8];

	if (!take_dashed(text, digits) || text[strlen("2027-01-31")])
		return -EINVAL;
	return to_day(digits, ret_day);
}

int date_find(const char *text, day_t *ret_day)
{
	while (*text) {
		size_t length = strspn(text, "0123456789");
		char digits[8];
		bool found = take_dashed(text, digits);

		if (length == 8 || length == 12 || length == 14) {
			memcpy(digits, text, sizeof(digits));
			found = true;
		}
		if (found && number(digits, 4) >= FIRST_YEAR && number(digits, 4) <= LAST_YEAR &&
		    !to_day(digits, ret_day))
			return 0;
		text += length ? length : 1;
	}
	return -ENOENT;
}

void date_write(day_t day, char ret_text[16])
{
	time_t time = (time_t)day * 86400;
	struct tm tm;

	if (!gmtime_r(&time, &tm) || !strftime(ret_text, 16, "%Y-%m-%d", &tm))
		snprintf(ret_text, 16, "?");
}
