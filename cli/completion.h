/* Completion for the shells. */
#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

#include <stdbool.h>
#include <stdio.h>

/* Prints the script that bash, zsh or fish loads; false for another shell. */
bool cli_print_completion(FILE *out, const char *shell);

#endif
