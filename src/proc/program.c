/*
 * Recognizes scripts and ELF programs, to refuse what would crash on its first page or be taken for a shell script, and to
 * explain what the kernel only calls ENOENT or ENOEXEC. The ELF fields are read byte by byte: other machines' files have
 * another byte order, and not every system has <elf.h>.
 */
#include "program_priv.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD_BYTES = 4096 };

struct program_file {
    int fd;
    uint64_t size_bytes;
    unsigned char head[HEAD_BYTES];
    size_t head_len;
    bool is_64;
    bool is_big_endian;
};

struct machine {
    unsigned number; /* e_machine */
    const char *name;
};

/* clang-format off */
static const struct machine machines[] = {
    {3, "x86"}, {8, "MIPS"}, {20, "PowerPC"}, {21, "POWER (ppc64le)"}, {22, "s390x"}, {40, "ARM"},
    {62, "x86-64"}, {183, "arm64"}, {243, "RISC-V"}, {258, "LoongArch"},
};

/* Machines whose programs this build can run: its own and the 32-bit one of the same family. */
#if defined(__x86_64__)
static const unsigned own_machines[] = {62, 3};
#elif defined(__aarch64__)
static const unsigned own_machines[] = {183, 40};
#elif defined(__powerpc64__)
static const unsigned own_machines[] = {21, 20};
#elif defined(__s390x__)
static const unsigned own_machines[] = {22};
#elif defined(__i386__)
static const unsigned own_machines[] = {3};
#elif defined(__riscv)
static const unsigned own_machines[] = {243};
#else
static const unsigned own_machines[] = {40};
#endif
/* clang-format on */

static uint64_t number_at(const struct program_file *p, const unsigned char *at, size_t n_bytes) {
    uint64_t value = 0;
    for (size_t i = 0; i < n_bytes; i++) {
        value = value << 8 | at[p->is_big_endian ? i : n_bytes - 1 - i];
    }
    return value;
}

/* A field of the ELF header, whose place and width differ between 32 and 64 bit. */
static uint64_t header_field(const struct program_file *p, size_t at_32, size_t n_32, size_t at_64,
                             size_t n_64) {
    return p->is_64 ? number_at(p, p->head + at_64, n_64) : number_at(p, p->head + at_32, n_32);
}

static const char *machine_name(unsigned number) {
    for (size_t i = 0; i < sizeof machines / sizeof *machines; i++) {
        if (machines[i].number == number) {
            return machines[i].name;
        }
    }
    return "another machine";
}

static bool is_own_machine(unsigned number) {
    for (size_t i = 0; i < sizeof own_machines / sizeof *own_machines; i++) {
        if (own_machines[i] == number) {
            return true;
        }
    }
    return false;
}

static enum program_kind check_loader(const char *what, const char *loader, struct str *why) {
    if (access(loader, F_OK) == 0) {
        return PROGRAM_FINE;
    }
    str_addf(why, "needs the %s '%s', which is not there: %s", what, loader, strerror(errno));
    return PROGRAM_NO_LOADER;
}

static enum program_kind inspect_script(const struct program_file *p, struct str *why) {
    const char *line = (const char *)p->head + 2;
    size_t len = p->head_len - 2;
    const char *newline = memchr(line, '\n', len);
    if (newline != NULL) {
        len = (size_t)(newline - line);
    }
    size_t start = 0;
    while (start < len && (line[start] == ' ' || line[start] == '\t')) {
        start++;
    }
    size_t end = start;
    while (end < len && line[end] != ' ' && line[end] != '\t') {
        end++;
    }
    char interpreter[256];
    if (end == start || end - start >= sizeof interpreter) {
        str_add(why, "has a #! line that names no interpreter");
        return PROGRAM_NO_LOADER;
    }
    memcpy(interpreter, line + start, end - start);
    interpreter[end - start] = '\0';
    enum program_kind kind = check_loader("interpreter", interpreter, why);
    if (kind != PROGRAM_FINE && interpreter[end - start - 1] == '\r') {
        str_reset(why);
        str_add(why, "has a #! line that ends in CR LF: save it with LF line ends");
    }
    return kind;
}

enum { SEGMENT_LOAD = 1, SEGMENT_LOADER = 3 };

static enum program_kind inspect_loader(const struct program_file *p, uint64_t offset,
                                        uint64_t size_bytes, struct str *why) {
    char loader[256];
    if (size_bytes == 0 || size_bytes >= sizeof loader ||
        pread(p->fd, loader, (size_t)size_bytes, (off_t)offset) != (ssize_t)size_bytes) {
        return PROGRAM_FINE; /* strange, but the kernel's to judge */
    }
    loader[size_bytes] = '\0';
    return check_loader("loader", loader, why);
}

static enum program_kind inspect_segment(const struct program_file *p, const unsigned char *segment,
                                         struct str *why) {
    uint64_t type = number_at(p, segment, 4);
    uint64_t offset = p->is_64 ? number_at(p, segment + 8, 8) : number_at(p, segment + 4, 4);
    uint64_t size = p->is_64 ? number_at(p, segment + 32, 8) : number_at(p, segment + 16, 4);
    bool is_loaded = type == SEGMENT_LOAD || type == SEGMENT_LOADER;
    if (is_loaded && (offset > p->size_bytes || size > p->size_bytes - offset)) {
        str_add(why, "is cut off: the file is shorter than its header says");
        return PROGRAM_TRUNCATED;
    }
    return type == SEGMENT_LOADER ? inspect_loader(p, offset, size, why) : PROGRAM_FINE;
}

static enum program_kind inspect_elf(struct program_file *p, struct str *why) {
    enum { CLASS_AT = 4, DATA_AT = 5, MACHINE_AT = 18, SHORTEST_HEADER = 52 };
    if (p->head_len < SHORTEST_HEADER || p->head[CLASS_AT] < 1 || p->head[CLASS_AT] > 2 ||
        p->head[DATA_AT] < 1 || p->head[DATA_AT] > 2) {
        str_add(why, "is no program: it has only the first bytes of one");
        return PROGRAM_TRUNCATED;
    }
    p->is_64 = p->head[CLASS_AT] == 2;
    p->is_big_endian = p->head[DATA_AT] == 2;
    unsigned machine = (unsigned)number_at(p, p->head + MACHINE_AT, 2);
    if (!is_own_machine(machine)) {
        str_addf(why, "is a program for %s, this machine is %s", machine_name(machine),
                 machine_name(own_machines[0]));
        return PROGRAM_FOREIGN;
    }
    uint64_t table = header_field(p, 28, 4, 32, 8);
    uint64_t entry_size = header_field(p, 42, 2, 54, 2);
    uint64_t n_entries = header_field(p, 44, 2, 56, 2);
    uint64_t shortest_entry = p->is_64 ? 56 : 32;
    if (entry_size < shortest_entry || table > HEAD_BYTES) {
        return PROGRAM_FINE; /* an unusual layout: the kernel's to judge */
    }
    for (uint64_t i = 0; i < n_entries; i++) {
        uint64_t at = table + i * entry_size;
        if (at + shortest_entry > p->head_len) {
            break;
        }
        enum program_kind kind = inspect_segment(p, p->head + at, why);
        if (kind != PROGRAM_FINE) {
            return kind;
        }
    }
    return PROGRAM_FINE;
}

/* What a Mac runs: 64-bit Mach-O and universal files. */
static bool is_mach_o(const struct program_file *p) {
#ifdef __APPLE__
    return p->head_len > 4 && (memcmp(p->head, "\xcf\xfa\xed\xfe", 4) == 0 ||
                               memcmp(p->head, "\xca\xfe\xba\xbe", 4) == 0);
#else
    (void)p;
    return false;
#endif
}

static enum program_kind inspect_head(struct program_file *p, struct str *why) {
    if (p->head_len >= 2 && memcmp(p->head, "#!", 2) == 0) {
        return inspect_script(p, why);
    }
    if (p->head_len >= 4 && memcmp(p->head, "\177ELF", 4) == 0) {
        return inspect_elf(p, why);
    }
    if (is_mach_o(p)) {
        return PROGRAM_FINE;
    }
    str_add(why, p->head_len == 0 ? "is empty" : "is no program and has no #! line");
    return PROGRAM_UNKNOWN;
}

enum program_kind program_inspect(const char *path, struct str *why) {
    struct program_file p = {.fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (p.fd < 0) {
        return PROGRAM_UNREADABLE;
    }
    struct stat status;
    ssize_t n = pread(p.fd, p.head, HEAD_BYTES, 0);
    enum program_kind kind = PROGRAM_UNREADABLE;
    if (n >= 0 && fstat(p.fd, &status) == 0) {
        p.size_bytes = (uint64_t)status.st_size;
        p.head_len = (size_t)n;
        kind = inspect_head(&p, why);
    }
    close(p.fd);
    return kind;
}
