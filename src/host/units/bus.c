/* sd-bus(3), through dlopen. The only file that knows it. */
#include "host/units/bus.h"

#include <errno.h>

#if defined(WITH_SDBUS) && WITH_SDBUS

#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <time.h>

/* A hung bus must not hang an audit. */
#define TIMEOUT_USEC ((uint64_t)1000 * 1000)
#define LONGEST_ANSWER 256

#define MANAGER "org.freedesktop.systemd1"
#define MANAGER_PATH "/org/freedesktop/systemd1"
#define UNIT_INTERFACE MANAGER ".Unit"

/* The beginning of sd_bus_error is part of the library's interface. */
struct bus_error {
	const char *name, *message;
	int need_free;
};

/* What is used of the library; headers of it are not needed to build. */
static struct {
	int (*new)(void **ret_bus);
	int (*set_address)(void *bus, const char *address);
	int (*set_bus_client)(void *bus, int yes);
	int (*start)(void *bus);
	int (*set_method_call_timeout)(void *bus, uint64_t usec);
	int (*call_method)(void *bus, const char *destination, const char *path,
			   const char *interface, const char *member, struct bus_error *error,
			   void **ret_reply, const char *types, ...);
	int (*get_property_string)(void *bus, const char *destination, const char *path,
				   const char *interface, const char *member,
				   struct bus_error *error, char **ret_string);
	int (*message_read)(void *message, const char *types, ...);
	void *(*message_unref)(void *message);
	void (*error_free)(struct bus_error *error);
	int (*process)(void *bus, void **ret_message);
	int (*wait)(void *bus, uint64_t usec);
	int (*is_ready)(void *bus);
	void *(*close_unref)(void *bus);
} sd;

static const struct {
	const char *name;
	void *slot;
} symbols[] = {
	{"sd_bus_new", &sd.new},
	{"sd_bus_set_address", &sd.set_address},
	{"sd_bus_set_bus_client", &sd.set_bus_client},
	{"sd_bus_start", &sd.start},
	{"sd_bus_set_method_call_timeout", &sd.set_method_call_timeout},
	{"sd_bus_call_method", &sd.call_method},
	{"sd_bus_get_property_string", &sd.get_property_string},
	{"sd_bus_message_read", &sd.message_read},
	{"sd_bus_message_unref", &sd.message_unref},
	{"sd_bus_error_free", &sd.error_free},
	{"sd_bus_process", &sd.process},
	{"sd_bus_wait", &sd.wait},
	{"sd_bus_is_ready", &sd.is_ready},
	{"sd_bus_close_unref", &sd.close_unref},
};

struct bus {
	const char *why; /* why there is no connection */
	int error;
};

static void refuse(struct bus *bus, int error, const char *why)
{
	bus->error = error;
	bus->why = why;
}

static bool load_library(struct bus *bus)
{
	void *library = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);

	if (!library) {
		refuse(bus, -ENOPKG, "libsystemd.so.0 is not here");
		return false;
	}
	for (size_t i = 0; i < sizeof(symbols) / sizeof(*symbols); i++) {
		void *symbol = dlsym(library, symbols[i].name);

		if (!symbol) {
			refuse(bus, -ENOPKG, "libsystemd.so.0 is too old");
			return false;
		}
		/* POSIX has it that function pointers fit here; ISO C has not. */
		memcpy(symbols[i].slot, &symbol, sizeof(symbol));
	}
	return true;
}

/* A cleanup for the library's own objects. */
static inline void cleanup_bus(void **bus)
{
	if (*bus)
		sd.close_unref(*bus);
}

static inline void cleanup_message(void **message)
{
	if (*message)
		sd.message_unref(*message);
}

static inline void cleanup_bus_error(struct bus_error *error)
{
	sd.error_free(error);
}

static uint64_t now_usec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* The library itself would give the greeting a minute and a half. */
static int greet(void *bus)
{
	uint64_t end = now_usec() + TIMEOUT_USEC;

	for (;;) {
		uint64_t now = now_usec();
		int error = sd.process(bus, NULL);

		if (error < 0)
			return error;
		if (sd.is_ready(bus) > 0)
			return 0;
		if (now >= end)
			return -ETIMEDOUT;
		if (!error)
			error = sd.wait(bus, end - now);
		if (error < 0 && error != -EINTR)
			return error;
	}
}

static int begin(void *bus, const char *address, bool broker)
{
	int error = sd.set_address(bus, address);

	if (error >= 0)
		error = sd.set_bus_client(bus, broker);
	if (error >= 0)
		error = sd.set_method_call_timeout(bus, TIMEOUT_USEC);
	if (error >= 0)
		error = sd.start(bus);
	return error < 0 ? error : greet(bus);
}

struct place {
	const char *directory, *name;
	bool broker; /* a message bus; else the manager itself listens */
};

/* The manager's own socket is for root, and serves where there is no message bus. */
static const struct place places[] = {
	{"/run/dbus", "system_bus_socket", true},
	{"/run/systemd", "private", false},
};

/*
 * Opens the socket's directory through the door and connects by the descriptor, so that neither a
 * link nor an environment variable leads to somebody else's bus.
 */
static int connect_to(struct host *host, const struct place *place, void **ret_bus)
{
	cleanup(fd) int fd = host_open(host, place->directory, O_PATH | O_DIRECTORY);
	cleanup(bus) void *bus = NULL;
	struct statx stat;
	char address[64];
	int error;

	if (fd < 0)
		return fd;
	if (statx(fd, place->name, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &stat))
		return -errno;
	if (!S_ISSOCK(stat.stx_mode))
		return -ENOTSOCK;
	snprintf(address, sizeof(address), "unix:path=/proc/self/fd/%d/%s", fd, place->name);
	error = sd.new(&bus);
	if (error >= 0)
		error = begin(bus, address, place->broker);
	if (error < 0)
		return error;
	*ret_bus = bus;
	bus = NULL;
	return 0;
}

/* Is the service manager systemd? It says so by this directory: sd_booted(3). */
static bool is_systemd(struct host *host)
{
	return host_exists(host, "/run/systemd/system");
}

static const void *load(struct host *host)
{
	struct bus *bus = arena_new(host->arena, struct bus);
	int error;

	if (!is_systemd(host)) {
		refuse(bus, -ENODEV, "systemd does not run here");
		return bus;
	}
	if (!load_library(bus))
		return bus;
	error = connect_to(host, &places[0], &host->bus);
	if (error && connect_to(host, &places[1], &host->bus))
		refuse(bus, error,
		       arena_printf(host->arena, "no answer from the system bus: %s",
				    strerror(-error)));
	return bus;
}

void bus_close(struct host *host)
{
	cleanup_bus(&host->bus);
	host->bus = NULL;
}

/* An answer is somebody else's word: bounded, and copied. */
static int get_string(struct host *host, void *bus, const char *path, const char *property,
		      const char **ret_string)
{
	cleanup(bus_error) struct bus_error problem = {0};
	cleanup(free) char *string = NULL;
	int error = sd.get_property_string(bus, MANAGER, path, UNIT_INTERFACE, property, &problem,
					   &string);

	if (error < 0)
		return error;
	if (!string || strlen(string) > LONGEST_ANSWER)
		return -EBADMSG;
	*ret_string = arena_strdup(host->arena, string);
	return 0;
}

/* The object of a loaded unit. -ENOENT: it is not loaded, so it does not run. */
static int find_unit(struct host *host, void *bus, const char *name, const char **ret_path)
{
	cleanup(bus_error) struct bus_error problem = {0};
	cleanup(message) void *reply = NULL;
	const char *path = NULL;
	int error = sd.call_method(bus, MANAGER, MANAGER_PATH, MANAGER ".Manager", "GetUnit",
				   &problem, &reply, "s", name);

	if (error < 0 && problem.name && str_eq(problem.name, MANAGER ".NoSuchUnit"))
		return -ENOENT;
	if (error >= 0)
		error = sd.message_read(reply, "o", &path);
	if (error < 0)
		return error;
	*ret_path = arena_strdup(host->arena, path);
	return 0;
}

static int ask(struct host *host, void *bus, const char *name, struct bus_unit *ret_unit)
{
	struct bus_unit unit = {.active = "inactive", .sub = "dead", .id = name};
	const char *path = NULL;
	int error = find_unit(host, bus, name, &path);

	if (error == -ENOENT) {
		*ret_unit = unit;
		return 0;
	}
	if (!error)
		error = get_string(host, bus, path, "ActiveState", &unit.active);
	if (!error)
		error = get_string(host, bus, path, "SubState", &unit.sub);
	if (!error)
		error = get_string(host, bus, path, "Id", &unit.id);
	if (!error)
		*ret_unit = unit;
	return error;
}

/* After that nobody is there to be asked. */
static bool is_over(int error)
{
	return error == -ETIMEDOUT || error == -ECONNRESET || error == -ENOTCONN || error == -EPIPE;
}

int bus_unit(struct host *host, const char *name, struct bus_unit *ret_unit, const char **ret_why)
{
	/* The view is const to others; here a connection that failed is given up. */
	struct bus *bus = (struct bus *)host_view(host, load);
	int error;

	if (!host->bus) {
		*ret_why = bus->why;
		return bus->error;
	}
	error = ask(host, host->bus, name, ret_unit);
	if (error)
		*ret_why = arena_printf(host->arena, "no answer from the service manager: %s",
					strerror(-error));
	if (is_over(error)) {
		refuse(bus, error, *ret_why);
		bus_close(host);
	}
	return error;
}

#else

int bus_unit(struct host *host, const char *name, struct bus_unit *ret_unit, const char **ret_why)
{
	(void)host;
	(void)name;
	(void)ret_unit;
	*ret_why = "this build cannot ask the system bus";
	return -ENOTSUP;
}

void bus_close(struct host *host)
{
	(void)host;
}

#endif
