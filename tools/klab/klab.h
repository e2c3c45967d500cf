/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the klab command share.
 */
#ifndef _KLAB_H
#define _KLAB_H

#include <linux/compiler.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#define BIT(nr)			(1u << (nr))
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/**
 * enum status - how klab ends
 * @STATUS_OK: done
 * @STATUS_CHECK: done, and a bar was exceeded or a check failed
 * @STATUS_USAGE: the command line is wrong
 * @STATUS_FAILED: it could not be done; a message says why
 */
enum status {
	STATUS_OK = 0,
	STATUS_CHECK = 1,
	STATUS_USAGE = 2,
	STATUS_FAILED = 3,
};

/**
 * enum format - how a result is printed
 * @FORMAT_TEXT: for people: notes and an aligned table
 * @FORMAT_TSV: for scripts: as the kernel writes it
 * @FORMAT_JSON: for programs
 */
enum format {
	FORMAT_TEXT,
	FORMAT_TSV,
	FORMAT_JSON,
};

/* Options that a sub-command may take; --help is every sub-command's. */
#define OPTION_JSON	BIT(0)
#define OPTION_TSV	BIT(1)
#define OPTION_COLUMN	BIT(2)
#define OPTION_EXPORTED	BIT(3)
#define OPTION_SYMVERS	BIT(4)
#define OPTION_MATCH	BIT(5)
#define OPTION_COUNT	BIT(6)
#define OPTION_TYPE	BIT(7)
#define OPTION_TIMES	BIT(8)
#define OPTION_TIME	BIT(9)
#define OPTION_BLOCKING	BIT(10)
#define OPTION_NO_POLL	BIT(11)
#define OPTION_VERBOSE	BIT(12)
#define OPTION_SIZE	BIT(13)
#define OPTION_REPEAT	BIT(14)
#define OPTION_REVERSE	BIT(15)
#define OPTION_ACTION	BIT(16)
#define OPTION_SUBSYSTEM	BIT(17)
#define OPTION_VARIABLES	BIT(18)
#define OPTION_TIMEOUT	BIT(19)
#define OPTION_BUFFER	BIT(20)
#define OPTION_STEPS	BIT(21)
#define OPTION_INTERVAL	BIT(22)
#define OPTION_WATCH	BIT(23)
#define OPTION_VALUE	BIT(24)

/**
 * struct options - a parsed command line
 * @format: from --json and --tsv
 * @column: from --column, or NULL
 * @symvers: from --symvers, or NULL
 * @match: from --match, or NULL
 * @types: from --type, or NULL
 * @times: from --count with a value, or NULL
 * @exported: --exported was given
 * @count: --count was given
 * @time: --time was given
 * @blocking: --blocking was given
 * @no_poll: --no-poll was given
 * @verbose: --verbose was given
 * @reverse: --reverse was given
 * @size: from --size, or 0
 * @repeat: from --repeat, or 0
 * @action: from --action, or NULL
 * @subsystem: from --subsystem, or NULL
 * @variables: --variables was given
 * @timeout: from --timeout, or 0
 * @buffer: from --buffer, or 0
 * @steps: from --steps, or 0
 * @interval: from --interval, or 0
 * @value: from --value, or NULL
 * @watch: --watch was given
 * @args: what is not an option
 * @nr_args: how many of them there are
 */
struct options {
	enum format format;
	const char *column;
	const char *symvers;
	const char *match;
	const char *types;
	const char *times;
	bool exported;
	bool count;
	bool time;
	bool blocking;
	bool no_poll;
	bool verbose;
	bool reverse;
	size_t size;
	size_t repeat;
	const char *action;
	const char *subsystem;
	bool variables;
	size_t timeout;
	size_t buffer;
	size_t steps;
	size_t interval;
	const char *value;
	bool watch;
	char **args;
	int nr_args;
};

/**
 * struct command - a sub-command
 * @name: its name
 * @usage: what may follow the name
 * @summary: one line for the list of sub-commands
 * @help: the rest of its --help
 * @options: OPTION_* that it takes
 * @min_args: fewest arguments
 * @max_args: most arguments, or -1
 * @run: does it, returns an enum status
 */
struct command {
	const char *name;
	const char *usage;
	const char *summary;
	const char *help;
	unsigned int options;
	int min_args;
	int max_args;
	int (*run)(const struct options *options);
};

extern const struct command audit_command;
extern const struct command bench_command;
extern const struct command control_command;
extern const struct command integrity_command;
extern const struct command list_command;
extern const struct command mcat_command;
extern const struct command modcheck_command;
extern const struct command pcat_command;
extern const struct command pecho_command;
extern const struct command plot_command;
extern const struct command regulate_command;
extern const struct command run_command;
extern const struct command symbols_command;
extern const struct command syscall_command;
extern const struct command talk_command;
extern const struct command two_command;
extern const struct command uevents_command;

/* options.c */
void command_usage(const struct command *command, FILE *out);
void command_help(const struct command *command);
int options_parse(const struct command *command, int argc, char **argv,
		  struct options *options);

/* util.c */
void klab_before_err(void (*function)(void));
void klab_err(const char *fmt, ...) __printf(1, 2);
void *xrealloc(void *old, size_t nr, size_t size);
void *xgrow(void *array, size_t nr, size_t size);
char *xstrdup(const char *text);
char *xprintf(const char *fmt, ...) __printf(1, 2);

#define READ_SIZE	65536u

/* As experiment_read(). */
typedef ssize_t read_function(int fd, char *buffer, size_t len, off_t offset);

char *read_to_end(int fd, read_function *get, size_t size, size_t limit,
		  size_t *len);
char *read_all(const char *path, size_t limit, size_t *len);
unsigned int edit_distance(const char *a, const char *b);

/* system.c */
char *system_path(const char *path);
char *system_line(const char *path);
char *kernel_release(void);
char *lockdown_level(void);

/* text.c */
size_t utf8_length(const char *text);
bool locale_is_utf8(void);
void put_safe(FILE *out, const char *text);
void put_data(FILE *out, const char *data, size_t len);
size_t safe_width(const char *text);
void put_padded(FILE *out, const char *text, size_t width, bool right);
unsigned int terminal_width(void);

/* json.c */

/**
 * struct json - JSON being written
 * @out: where to
 * @depth: open objects and arrays
 * @filled: bit per depth: it has a member already
 */
struct json {
	FILE *out;
	unsigned int depth;
	unsigned int filled;
};

void json_open(struct json *json, const char *key, char bracket);
void json_close(struct json *json, char bracket);
void json_string(struct json *json, const char *key, const char *value);
void json_number(struct json *json, const char *key, unsigned long long value);
void json_bool(struct json *json, const char *key, bool value);
void json_scalar(struct json *json, const char *key, const char *value);
bool json_is_number(const char *text);

/* table.c */

/**
 * struct column - a column of a table
 * @key: the word of the header row, such as "min[ns]"
 * @name: the word without the unit
 * @unit: the unit, or NULL
 */
struct column {
	const char *key;
	const char *name;
	const char *unit;
};

/**
 * struct note - something said beside a table
 * @key: what it is about
 * @value: what it says
 */
struct note {
	const char *key;
	const char *value;
};

/**
 * struct table - notes, columns and rows
 * @notes: the notes
 * @nr_notes: how many there are
 * @columns: the columns
 * @nr_columns: how many there are
 * @cells: the rows, one after the other
 * @nr_rows: how many rows there are
 * @max_rows: room in @cells
 * @texts: strings that go with the table
 * @nr_texts: how many there are
 *
 * Cells point into @texts, or to memory that outlives the table.
 */
struct table {
	struct note *notes;
	size_t nr_notes;
	struct column *columns;
	size_t nr_columns;
	const char **cells;
	size_t nr_rows;
	size_t max_rows;
	char **texts;
	size_t nr_texts;
};

#define NOTE_HISTOGRAM	"histogram."

void table_free(struct table *table);
const char *table_text(struct table *table, const char *fmt, ...)
	__printf(2, 3);
void table_note(struct table *table, const char *key, const char *value);
void table_column(struct table *table, const char *key);
const char **table_row(struct table *table);
const char *table_cell(const struct table *table, size_t row, size_t column);
bool table_column_is_numeric(const struct table *table, size_t column);
char *table_parse(struct table *table, const char *text, size_t len);
void table_print_text(const struct table *table, FILE *out);
void table_print_tsv(const struct table *table, FILE *out);
void table_print_json(const struct table *table, const char *experiment,
		      FILE *out);
void table_print(const struct table *table, enum format format);

/* debugfs.c */
char *debugfs_root_path(const char *path);
char *debugfs_path(const char *path);
void debugfs_explain(const char *what, int err);

/* registry.c */

/**
 * struct parameter - a parameter of an experiment, as the kernel describes it
 * @name: what stands before the equals sign
 * @type: what kind of value
 * @def: default
 * @min: smallest number
 * @max: largest number
 * @unit: unit of a number
 * @help: what it does
 *
 * Strings are empty where there is nothing to say.
 */
struct parameter {
	const char *name;
	const char *type;
	const char *def;
	const char *min;
	const char *max;
	const char *unit;
	const char *help;
};

/**
 * struct entry - an experiment that the running kernel offers
 * @room: its room
 * @name: its name
 * @question: what it answers
 * @params: its parameters
 * @nr_params: how many there are
 */
struct entry {
	const char *room;
	const char *name;
	const char *question;
	struct parameter *params;
	size_t nr_params;
};

/**
 * struct registry - all experiments of the running kernel
 * @entries: the experiments, sorted by room and name
 * @nr_entries: how many there are
 * @table: where the strings live
 */
struct registry {
	struct entry *entries;
	size_t nr_entries;
	struct table table;
};

int registry_read(struct registry *registry);
void registry_free(struct registry *registry);
bool registry_has_room(const struct registry *registry, const char *room);
void registry_explain_room(const struct registry *registry, const char *room);
void registry_explain_missing(const char *room, const char *name);

/* experiment.c */
bool experiment_split(const char *path, char **room, char **name);
char *experiment_run(const char *room, const char *name, char * const *params,
		     int nr_params, size_t *len);
int experiment_table(const char *path, char * const *params, int nr_params,
		     struct table *table);
int experiment_open(const char *path);
ssize_t experiment_write(int fd, const char *text, size_t len);
ssize_t experiment_read(int fd, char *buffer, size_t len, off_t offset);

/* progress.c */
void progress_start(const char *room, const char *name);
void progress_stop(void);

/* watch.c */
void watch_start(void);
void watch_print(void);
long long watch_us(void);
bool watch_poll(int fd, short events, bool verbose);
bool read_some(int fd, char *buffer, size_t size, ssize_t *len);

/* peers.c */
bool peers_have(const char *room);
const char *peers_module(const char *room);
bool peers_run(const char *room, struct table *table);
const char *peers_room(size_t index);

/* symvers.c */

/**
 * struct export - a symbol that the kernel or a module offers to modules
 * @name: its name
 * @module: who offers it
 * @kind: "EXPORT_SYMBOL", "EXPORT_SYMBOL_GPL", or "-" where not known
 * @ns: its namespace, or ""
 * @crc: checksum of its type, 0 without CONFIG_MODVERSIONS
 */
struct export {
	const char *name;
	const char *module;
	const char *kind;
	const char *ns;
	unsigned long crc;
};

/**
 * struct symvers - the exports of a kernel
 * @path: where they were read
 * @exports: sorted by name
 * @nr_exports: how many there are
 * @text: where the strings live
 */
struct symvers {
	char *path;
	struct export *exports;
	size_t nr_exports;
	char *text;
};

char *symvers_default(void);
int symvers_read(struct symvers *symvers, const char *path, bool quiet);
void symvers_free(struct symvers *symvers);
const struct export *symvers_find(const struct symvers *symvers,
				  const char *name);
bool export_is_gpl(const struct export *export);

/* kallsyms.c */

/**
 * struct symbol - a line of /proc/kallsyms or System.map
 * @name: its name
 * @module: its module, or NULL
 * @type: the letter, as nm prints it
 */
struct symbol {
	const char *name;
	const char *module;
	char type;
};

/**
 * struct kallsyms - the symbols of a kernel
 * @symbols: in the order of the file, or sorted by name
 * @nr_symbols: how many there are
 * @text: where the strings live
 */
struct kallsyms {
	struct symbol *symbols;
	size_t nr_symbols;
	char *text;
};

int kallsyms_read(struct kallsyms *kallsyms, const char *path);
void kallsyms_free(struct kallsyms *kallsyms);
void kallsyms_sort(struct kallsyms *kallsyms);
const struct symbol *kallsyms_find(const struct kallsyms *kallsyms,
				   const char *name);
const char *symbol_meaning(char type);

#endif /* _KLAB_H */
