#include "host/boot/kernel_value.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int kernel_number(const char *text, unsigned long *ret_number)
{
	unsigned long number;
	char *end;

	if (!text)
		return -EINVAL;
	/* One sign is taken, and one newline behind the number; blanks are not. */
	text += *text == '+';
	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	number = strtoul(text, &end, 0);
	if (errno || (*end && !(*end == '\n' && !end[1])))
		return -EINVAL;
	*ret_number = number;
	return 0;
}

int kernel_bool(const char *text, bool *ret_yes)
{
	bool yes;

	if (!text)
		text = "1";
	/* Only the beginning is looked at: "yes", "1x" and "Total" are yes. */
	if (*text && strchr("yY1tT", *text))
		yes = true;
	else if (*text && strchr("nN0fF", *text))
		yes = false;
	else if ((*text == 'o' || *text == 'O') && text[1] && strchr("nN", text[1]))
		yes = true;
	else if ((*text == 'o' || *text == 'O') && text[1] && strchr("fF", text[1]))
		yes = false;
	else
		return -EINVAL;
	*ret_yes = yes;
	return 0;
}
