/* Text folded to the width of a terminal. */
#pragma once

#include <stdio.h>

/*
 * Prints a text with every line indented by so many columns, folded between words so that no line
 * is wider than `width` where a word allows it (0: not folded), and a newline at the end.
 */
void wrap_print(FILE *out, const char *text, unsigned indent, unsigned width);
