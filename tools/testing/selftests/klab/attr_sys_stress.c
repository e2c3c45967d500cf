// SPDX-License-Identifier: GPL-2.0-only
/*
 * A set of objects whose number many processes change while others read and
 * write inside, and are killed wherever they are.
 */
#include "attr_nodes.h"
#include "../kselftest.h"

#define SET		"/sys/kernel/klab-attr/"
#define PROCESSES	16
#define WRITERS		4	/* that change the number */
#define SECONDS		4
#define OBJECTS		24

/* Only these are asked for. */
static const char * const counts[] = { "1", "7", "24" };

static void change_number(unsigned int seed)
{
	for (;;)
		put_text(SET "count", counts[rand_r(&seed) % 3]);
}

static void use_objects(unsigned int seed)
{
	char path[64], text[32];
	int fd, i;

	for (;;) {
		snprintf(path, sizeof(path), SET "object%d/value",
			 rand_r(&seed) % OBJECTS);
		fd = open(path, O_RDWR);
		for (i = 0; fd >= 0 && i < 8; i++) {
			(void)!write(fd, "42", 2);
			read_again(fd, text, sizeof(text));
		}
		close(fd);
	}
}

static pid_t start(unsigned int nr, unsigned int seed)
{
	pid_t pid = child();

	if (pid)
		return pid;
	if (nr < WRITERS)
		change_number(seed);
	use_objects(seed);
	return 0;
}

static bool run(void)
{
	long end = now_ms() + SECONDS * 1000;
	unsigned int seed = getpid(), i;
	pid_t pids[PROCESSES];
	bool started = true;

	ksft_print_msg("seed %u\n", seed);
	for (i = 0; i < PROCESSES; i++) {
		pids[i] = start(i, seed + i);
		started &= pids[i] > 0;
	}
	while (started && now_ms() < end) {
		i = rand_r(&seed) % PROCESSES;
		kill(pids[i], SIGKILL);
		end_of(pids[i]);
		pids[i] = start(i, rand_r(&seed));
		started = pids[i] > 0;
		poll(NULL, 0, 5);
	}
	for (i = 0; i < PROCESSES; i++) {
		kill(pids[i], SIGKILL);
		end_of(pids[i]);
	}
	return started;
}

static bool have(unsigned int nr)
{
	char path[64];

	snprintf(path, sizeof(path), SET "object%u", nr);
	return !access(path, F_OK);
}

/* The file tells what there is, which is what somebody has asked for. */
static bool number_is_true(void)
{
	unsigned int count, i;
	bool asked = false;
	char text[32];

	if (get_text(SET "count", text, sizeof(text)))
		return false;
	count = atoi(text);
	/* A writer that was killed while it made them has taken them back. */
	for (i = 0; i < ARRAY_SIZE(counts); i++)
		asked |= count == (unsigned int)atoi(counts[i]);
	ksft_print_msg("%u objects\n", count);
	for (i = 0; have(i); i++)
		;
	asked &= i == count;
	while (++i <= OBJECTS)
		asked &= !have(i);
	return asked;
}

static bool object_goes_while_open(void)
{
	char text[32];
	int fd, err;

	if (put_text(SET "count", "5"))
		return false;
	fd = open(SET "object4/value", O_RDWR | O_CLOEXEC);
	if (fd < 0 || read_again(fd, text, sizeof(text)) ||
	    put_text(SET "count", "4"))
		return false;
	err = read_again(fd, text, sizeof(text));
	if (err == ENODEV && write(fd, "1", 1) < 0)
		err = errno;
	close(fd);
	return err == ENODEV;
}

/* The new one of the same name is another one. */
static bool open_file_stays_with_its_object(void)
{
	char text[32];
	int fd, err;

	if (put_text(SET "count", "5"))
		return false;
	fd = open(SET "object4/value", O_RDWR | O_CLOEXEC);
	if (fd < 0 || put_text(SET "count", "4") || put_text(SET "count", "5"))
		return false;
	err = read_again(fd, text, sizeof(text));
	close(fd);
	return err == ENODEV && !get_text(SET "object4/value", text,
					  sizeof(text)) && !atoi(text);
}

int main(void)
{
	ksft_print_header();
	ksft_set_plan(4);
	ksft_test_result(run(), "attr_sys_stress.processes_run\n");
	ksft_test_result(number_is_true(), "attr_sys_stress.number_is_true\n");
	ksft_test_result(object_goes_while_open(),
			 "attr_sys_stress.object_goes_while_open\n");
	ksft_test_result(open_file_stays_with_its_object(),
			 "attr_sys_stress.open_file_stays_with_its_object\n");
	ksft_finished();
}
