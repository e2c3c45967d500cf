// SPDX-License-Identifier: GPL-2.0-only
/*
 * klab regulate on a terminal: what it shows, what keys do, and that the terminal
 * is as it was before, however it ends.
 */
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>

#include "attr_nodes.h"
#include "../kselftest.h"

#define DIR		"/proc/klab-regulator/"
#define SCREEN_ON	"\033[?1049h"
#define SCREEN_OFF	"\033[?1049l"
#define SHOWN_MAX	1048576

/**
 * struct terminal - a program on a terminal
 * @master: our end of it
 * @slave: its end, kept open to look at
 * @pid: the program
 * @before: the terminal before it
 * @shown: all that it has printed
 * @len: how much that is
 */
struct terminal {
	int master;
	int slave;
	pid_t pid;
	struct termios before;
	char shown[SHOWN_MAX];
	size_t len;
};

static struct terminal terminal;

static void run_klab(const char *option)
{
	struct winsize size = { .ws_row = 20, .ws_col = 78 };
	const char *klab = getenv("KLAB_COMMAND");

	setsid();
	ioctl(terminal.slave, TIOCSCTTY, 0);
	ioctl(terminal.slave, TIOCSWINSZ, &size);
	dup2(terminal.slave, STDIN_FILENO);
	dup2(terminal.slave, STDOUT_FILENO);
	dup2(terminal.slave, STDERR_FILENO);
	unsetenv("COLUMNS");
	klab = klab && *klab ? klab : "klab";
	execlp(klab, klab, "regulate", "--interval", "5", option, NULL);
	_exit(127);
}

static bool start(const char *option)
{
	terminal.len = 0;
	terminal.master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (terminal.master < 0 || grantpt(terminal.master) ||
	    unlockpt(terminal.master))
		return false;
	terminal.slave = open(ptsname(terminal.master),
			      O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (terminal.slave < 0 || tcgetattr(terminal.slave, &terminal.before))
		return false;
	terminal.pid = child();
	if (!terminal.pid)
		run_klab(option);
	return terminal.pid > 0;
}

/* Reads what there is to be read; false at the end of time. */
static bool read_more(int timeout)
{
	ssize_t got;

	if (!(ready(terminal.master, POLLIN, timeout) & POLLIN))
		return false;
	if (terminal.len > SHOWN_MAX / 2)
		terminal.len = 0;
	got = read(terminal.master, terminal.shown + terminal.len,
		   SHOWN_MAX - 1 - terminal.len);
	if (got > 0)
		terminal.len += got;
	terminal.shown[terminal.len] = '\0';
	return got > 0;
}

static bool wait_shown(const char *what)
{
	time_t end = time(NULL) + BOUND_MS / 1000;

	while (!strstr(terminal.shown, what)) {
		if (time(NULL) > end || !read_more(BOUND_MS)) {
			ksft_print_msg("not shown: %s\n", what);
			return false;
		}
	}
	return true;
}

/* What was printed so far is not looked at any more. */
static void forget(void)
{
	terminal.len = 0;
	terminal.shown[0] = '\0';
}

static bool press(const char *key)
{
	return write(terminal.master, key, 1) == 1;
}

static bool is_as_before(void)
{
	struct termios now;

	return !tcgetattr(terminal.slave, &now) &&
	       now.c_lflag == terminal.before.c_lflag &&
	       now.c_iflag == terminal.before.c_iflag &&
	       now.c_oflag == terminal.before.c_oflag &&
	       now.c_cc[VMIN] == terminal.before.c_cc[VMIN];
}

/* What was printed since the program has left its screen, or NULL. */
static const char *shown_after(void)
{
	char *off = NULL, *at;

	for (at = terminal.shown; (at = strstr(at, SCREEN_OFF)); at++)
		off = at;
	return off;
}

static bool is_left(void)
{
	const char *after = shown_after();

	return after && !strstr(after, SCREEN_ON) && is_as_before();
}

/* The program has ended so, with the terminal as it was. */
static bool ends(int expected)
{
	int end;

	while (waitpid(terminal.pid, &end, WNOHANG) == 0)
		read_more(20);
	while (read_more(0))
		;
	end = WIFEXITED(end) ? WEXITSTATUS(end) : -WTERMSIG(end);
	if (end != expected)
		ksft_print_msg("ended with %d, expected %d: %s\n", end,
			       expected, terminal.shown);
	return end == expected && is_left();
}

static void close_terminal(void)
{
	close(terminal.slave);
	close(terminal.master);
	forget();
}

static void disturb(const char *value)
{
	put_text(DIR "period_ms", "0");
	put_text(DIR "multiply", "0.5");
	put_text(DIR "value", value);
}

static bool begin(const char *option)
{
	disturb("64");
	if (option)
		put_text(DIR "period_ms", "20");
	return start(option) && wait_shown(SCREEN_ON) && wait_shown("step ");
}

static bool quits_by_key(void)
{
	bool good = begin(NULL) && wait_shown("at rest") && !is_as_before() &&
		    press("q") && ends(0);

	close_terminal();
	return good;
}

static bool quits_by_ctrl_c(void)
{
	bool good = begin(NULL) && press("\003") && ends(-SIGINT);

	close_terminal();
	return good;
}

static bool quits_by_signal(int signal)
{
	bool good = begin(NULL) && !kill(terminal.pid, signal) &&
		    ends(-signal);

	close_terminal();
	return good;
}

/* Who starts it has a signal ignored, and it stays so. */
static bool goes_on_if_ignored(int ignored)
{
	bool good;

	signal(ignored, SIG_IGN);
	good = begin(NULL) && !kill(terminal.pid, ignored);
	signal(ignored, SIG_DFL);
	forget();
	good = good && wait_shown("step ") && press("q") && ends(0);
	close_terminal();
	return good;
}

static bool watches_the_kernel(void)
{
	bool good = begin("--watch") && wait_shown("value 0.000") &&
		    press("q") && ends(0);

	close_terminal();
	put_text(DIR "period_ms", "0");
	return good;
}

/* The curve from 64 to 0, with the model on it, and the scale beside it. */
static bool shows_the_transient(void)
{
	bool good = begin(NULL) && wait_shown("at rest");

	good &= wait_shown("   64.000 |") && wait_shown("    0.000 |") &&
		wait_shown(" 0 differ") && wait_shown("*") && press("q") &&
		ends(0);
	close_terminal();
	return good;
}

static bool keys_disturb_and_tune(void)
{
	bool good = begin(NULL) && wait_shown("at rest");

	good &= press("+") && wait_shown("gain 0.600") && press("-");
	forget();
	good &= wait_shown("gain 0.500") && press("D") &&
		wait_shown("-100.000") && wait_shown("0 differ");
	forget();
	good &= wait_shown("at rest") && press(" ") && wait_shown("paused") &&
		press("q") && ends(0);
	close_terminal();
	return good;
}

/* At the limit of a point a key does nothing, and no harm. */
static bool key_stays_within_limits(const char *key, const char *gain,
				    const char *shown)
{
	bool good = begin(NULL) && wait_shown("at rest");

	put_text(DIR "multiply", gain);
	good &= wait_shown(shown) && press(key) && press(" ") &&
		wait_shown("paused") && wait_shown(shown) && press("q") &&
		ends(0);
	close_terminal();
	return good;
}

/* While it is stopped the shell has the terminal. */
static bool stops_and_goes_on(void)
{
	bool good = begin(NULL) && press("\032");
	int status;

	good &= waitpid(terminal.pid, &status, WUNTRACED) == terminal.pid &&
		WIFSTOPPED(status);
	while (read_more(0))
		;
	good &= is_left();
	forget();
	kill(terminal.pid, SIGCONT);
	good &= wait_shown(SCREEN_ON) && wait_shown("step ") && press("q") &&
		ends(0);
	close_terminal();
	return good;
}

/* Nobody is left to be told anything. */
static bool ends_with_its_terminal(void)
{
	bool good = begin(NULL);
	int end;

	close_terminal();
	end = end_of(terminal.pid);
	return good && end == -SIGHUP;
}

/* What others set begins the model anew, and is not a difference. */
static bool others_may_set(void)
{
	bool good = begin(NULL) && wait_shown("at rest");
	int i;

	for (i = 0; i < 20; i++)
		put_text(DIR "value", i % 2 ? "30" : "-30");
	forget();
	good &= wait_shown("at rest") && wait_shown(" 0 differ") &&
		press("q") && ends(0);
	close_terminal();
	return good;
}

static const char * const points[] = {
	"value", "target", "multiply", "integral", "derivative", "carry", "sum",
	"error", "increment", "period_ms", "steps", "changes",
};

/* What goes wrong is told where it can be read, and stays. */
static bool error_outlives_the_screen(void)
{
	char dir[] = "/tmp/klab-points-XXXXXX", path[ARRAY_SIZE(points)][64];
	bool good;
	size_t i;

	good = mkdtemp(dir);
	for (i = 0; good && i < ARRAY_SIZE(points); i++) {
		snprintf(path[i], sizeof(path[i]), "%s/%s", dir, points[i]);
		good = !mknod(path[i], S_IFREG | 0600, 0) &&
		       !put_text(path[i], "0");
	}
	good = good && start(dir) && wait_shown("step ") && !unlink(path[0]) &&
	       ends(3) && strstr(shown_after(), "value: No such file");
	close_terminal();
	while (i--)
		unlink(path[i]);
	rmdir(dir);
	return good;
}

int main(void)
{
	ksft_print_header();
	ksft_set_plan(17);
	ksft_test_result(quits_by_key(), "attr_regulator_terminal.key\n");
	ksft_test_result(quits_by_ctrl_c(), "attr_regulator_terminal.ctrl_c\n");
	ksft_test_result(quits_by_signal(SIGTERM),
			 "attr_regulator_terminal.sigterm\n");
	ksft_test_result(quits_by_signal(SIGHUP),
			 "attr_regulator_terminal.sighup\n");
	ksft_test_result(quits_by_signal(SIGQUIT),
			 "attr_regulator_terminal.sigquit\n");
	ksft_test_result(quits_by_signal(SIGUSR1),
			 "attr_regulator_terminal.sigusr1\n");
	ksft_test_result(quits_by_signal(SIGALRM),
			 "attr_regulator_terminal.sigalrm\n");
	ksft_test_result(quits_by_signal(SIGRTMIN),
			 "attr_regulator_terminal.sigrtmin\n");
	ksft_test_result(goes_on_if_ignored(SIGUSR1) &&
			 goes_on_if_ignored(SIGTERM),
			 "attr_regulator_terminal.ignored\n");
	ksft_test_result(watches_the_kernel(),
			 "attr_regulator_terminal.watch\n");
	ksft_test_result(shows_the_transient(),
			 "attr_regulator_terminal.transient\n");
	ksft_test_result(keys_disturb_and_tune(),
			 "attr_regulator_terminal.keys\n");
	ksft_test_result(key_stays_within_limits("+", "100", "gain 100.000") &&
			 key_stays_within_limits("-", "-100", "gain -100.000"),
			 "attr_regulator_terminal.limits\n");
	ksft_test_result(stops_and_goes_on(),
			 "attr_regulator_terminal.ctrl_z\n");
	ksft_test_result(ends_with_its_terminal(),
			 "attr_regulator_terminal.hangup\n");
	ksft_test_result(others_may_set(),
			 "attr_regulator_terminal.others_may_set\n");
	ksft_test_result(error_outlives_the_screen(),
			 "attr_regulator_terminal.error\n");
	ksft_finished();
}
