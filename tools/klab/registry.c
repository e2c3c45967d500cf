// SPDX-License-Identifier: GPL-2.0-only
/*
 * What experiments the running kernel offers.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "klab.h"

#define REGISTRY_MAX	(16u << 20)

/*
 * The rooms of klab, to tell one that is not loaded from one that is not; and
 * of each a module with experiments, if it has any.
 */
static const struct room {
	const char *name;
	const char *module;
} rooms[] = {
	{ "attr", NULL },
	{ "basics", "klab_basics_jiffies" },
	{ "blkdev", "klab_blkdev" },
	{ "chardev", NULL },
	{ "core", "klab_core" },
	{ "irq", "klab_irq_bottom" },
	{ "softwork", "klab_softwork" },
	{ "syscall", "klab_syscall_table" },
};

enum field {
	FIELD_ROOM,
	FIELD_EXPERIMENT,
	FIELD_PARAMETER,
	FIELD_TYPE,
	FIELD_DEFAULT,
	FIELD_MIN,
	FIELD_MAX,
	FIELD_UNIT,
	FIELD_HELP,
	NR_FIELDS,
};

static const char * const field_names[NR_FIELDS] = {
	[FIELD_ROOM] = "room",
	[FIELD_EXPERIMENT] = "experiment",
	[FIELD_PARAMETER] = "parameter",
	[FIELD_TYPE] = "type",
	[FIELD_DEFAULT] = "default",
	[FIELD_MIN] = "min",
	[FIELD_MAX] = "max",
	[FIELD_UNIT] = "unit",
	[FIELD_HELP] = "help",
};

static struct entry *find_entry(const struct registry *registry,
				const char *room, const char *name)
{
	size_t i;

	for (i = 0; i < registry->nr_entries; i++) {
		struct entry *entry = &registry->entries[i];

		if (!strcmp(entry->room, room) && !strcmp(entry->name, name))
			return entry;
	}
	return NULL;
}

static struct entry *add_entry(struct registry *registry, const char *room,
			       const char *name)
{
	struct entry *entry = find_entry(registry, room, name);

	if (entry)
		return entry;
	registry->entries = xrealloc(registry->entries,
				     registry->nr_entries + 1,
				     sizeof(*registry->entries));
	entry = &registry->entries[registry->nr_entries++];
	memset(entry, 0, sizeof(*entry));
	entry->room = room;
	entry->name = name;
	entry->question = "";
	return entry;
}

static const char *field(const char * const *cells, const size_t *columns,
			 enum field which)
{
	const char *text = cells[columns[which]];

	return strcmp(text, "-") ? text : "";
}

static void add_row(struct registry *registry, const char * const *cells,
		    const size_t *columns)
{
	const char *name = field(cells, columns, FIELD_PARAMETER);
	struct parameter *param;
	struct entry *entry;

	entry = add_entry(registry, field(cells, columns, FIELD_ROOM),
			  field(cells, columns, FIELD_EXPERIMENT));
	if (!*name) {
		entry->question = field(cells, columns, FIELD_HELP);
		return;
	}
	entry->params = xrealloc(entry->params, entry->nr_params + 1,
				 sizeof(*entry->params));
	param = &entry->params[entry->nr_params++];
	param->name = name;
	param->type = field(cells, columns, FIELD_TYPE);
	param->def = field(cells, columns, FIELD_DEFAULT);
	param->min = field(cells, columns, FIELD_MIN);
	param->max = field(cells, columns, FIELD_MAX);
	param->unit = field(cells, columns, FIELD_UNIT);
	param->help = field(cells, columns, FIELD_HELP);
}

static int compare_entries(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int order = strcmp(a->room, b->room);

	return order ? order : strcmp(a->name, b->name);
}

static char *fill(struct registry *registry)
{
	const struct table *table = &registry->table;
	size_t columns[NR_FIELDS];
	size_t row, i, j;

	if (!table->nr_columns)
		return NULL;
	for (i = 0; i < NR_FIELDS; i++) {
		for (j = 0; j < table->nr_columns; j++) {
			if (!strcmp(table->columns[j].name, field_names[i]))
				break;
		}
		if (j == table->nr_columns)
			return xprintf("it has no column '%s'", field_names[i]);
		columns[i] = j;
	}
	for (row = 0; row < table->nr_rows; row++)
		add_row(registry, table->cells + row * table->nr_columns,
			columns);
	qsort(registry->entries, registry->nr_entries,
	      sizeof(*registry->entries), compare_entries);
	return NULL;
}

/**
 * registry_read() - ask the kernel what experiments it has
 * @registry: filled in, for registry_free()
 *
 * Return: 0, or -1 after a message.
 */
int registry_read(struct registry *registry)
{
	char *path = debugfs_path("experiments");
	char *error, *text;
	size_t len;

	memset(registry, 0, sizeof(*registry));
	text = read_all(path, REGISTRY_MAX, &len);
	if (!text) {
		debugfs_explain("the list of experiments", errno);
		free(path);
		return -1;
	}
	error = table_parse(&registry->table, text, len);
	if (!error)
		error = fill(registry);
	free(text);
	if (error) {
		klab_err("%s cannot be understood: %s", path, error);
		registry_free(registry);
	}
	free(path);
	free(error);
	return error ? -1 : 0;
}

/**
 * registry_free() - free what registry_read() made
 * @registry: the registry
 */
void registry_free(struct registry *registry)
{
	size_t i;

	for (i = 0; i < registry->nr_entries; i++)
		free(registry->entries[i].params);
	free(registry->entries);
	table_free(&registry->table);
	memset(registry, 0, sizeof(*registry));
}

/**
 * registry_has_room() - is there an experiment in a room
 * @registry: the registry
 * @room: name of the room
 *
 * Return: true if there is.
 */
bool registry_has_room(const struct registry *registry, const char *room)
{
	size_t i;

	for (i = 0; i < registry->nr_entries; i++) {
		if (!strcmp(registry->entries[i].room, room))
			return true;
	}
	return false;
}

/* Near enough to be meant: a slip in a short name, two or more in a long one. */
static bool is_near(const char *name, const char *wanted)
{
	size_t len = strlen(wanted);

	if (len >= 3 && (strstr(name, wanted) || strstr(wanted, name)))
		return true;
	return edit_distance(name, wanted) <= (len < 4 ? 1 : len / 3 + 1);
}

static void add_name(char **list, const char *room, const char *name)
{
	char *old = *list;

	*list = xprintf("%s%s%s%s%s", old ? old : "", old ? ", " : "",
			room ? room : "", room ? "/" : "", name);
	free(old);
}

static void explain_known(const struct room *room)
{
	if (room->module)
		klab_err("room '%s' has no experiment in the running kernel; load one of its modules: modprobe %s, for example",
			 room->name, room->module);
	else
		klab_err("room '%s' has files of its own instead of experiments; 'man klab' says which commands use them",
			 room->name);
}

/**
 * registry_explain_room() - print why a room has no experiments
 * @registry: the registry
 * @room: name of the room, which is not there
 */
void registry_explain_room(const struct registry *registry, const char *room)
{
	char *near = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rooms); i++) {
		if (!strcmp(rooms[i].name, room)) {
			explain_known(&rooms[i]);
			free(near);
			return;
		}
		if (is_near(rooms[i].name, room))
			add_name(&near, NULL, rooms[i].name);
	}
	for (i = 0; i < registry->nr_entries && !near; i++) {
		if (is_near(registry->entries[i].name, room))
			add_name(&near, registry->entries[i].room,
				 registry->entries[i].name);
	}
	if (near)
		klab_err("there is no room '%s'; did you mean: %s?", room, near);
	else
		klab_err("there is no room '%s'; 'klab list' shows what there is",
			 room);
	free(near);
}

/**
 * registry_explain_missing() - print why an experiment cannot be opened
 * @room: its room
 * @name: its name, which is not there
 */
void registry_explain_missing(const char *room, const char *name)
{
	struct registry registry;
	char *near = NULL;
	size_t i;

	if (registry_read(&registry))
		return;
	if (!registry_has_room(&registry, room)) {
		registry_explain_room(&registry, room);
		registry_free(&registry);
		return;
	}
	for (i = 0; i < registry.nr_entries; i++) {
		const struct entry *entry = &registry.entries[i];
		bool here = !strcmp(entry->room, room);

		if ((here && is_near(entry->name, name)) ||
		    (!here && !strcmp(entry->name, name)))
			add_name(&near, entry->room, entry->name);
	}
	if (near)
		klab_err("there is no experiment %s/%s; did you mean: %s?",
			 room, name, near);
	else
		klab_err("there is no experiment %s/%s; 'klab list %s' shows what there is (another module of the room may have it)",
			 room, name, room);
	free(near);
	registry_free(&registry);
}
