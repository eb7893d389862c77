/*
 * Writes which functions of a program are called, in the order of their first calls.
 *
 *   first_calls OUT NAME[,NAME…] COMMAND…   runs COMMAND; traces each program of these names in it
 *   first_calls OUT NAME PID                from here on, in a process that runs; SIGKILL ends both
 *
 * A breakpoint stands on every function until it is first met. Lines of OUT are symbols as nm(1)
 * has them, all names of a function on one line. For tools/order_functions.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kBreakpoint = 0xcc, kImages = 16, kProcesses = 4096 };
static const long kOptions = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                             PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;

struct function {
    unsigned long at; /* in the file's own addresses */
    const char *name;
    int met;
};

struct image { /* one file that is executed, as long as this program runs */
    char path[PATH_MAX];
    const unsigned char *file;
    struct function *functions;
    size_t count;
};

struct process {
    pid_t pid;
    struct image *image; /* null: none of those that are asked for */
    unsigned long base;
    int greeted; /* its first stop, which says no more than that it is there, has been seen */
    int born;    /* its parent's stop, which comes before or after that one, has been seen */
};

static struct image images[kImages];
static struct process processes[kProcesses];
static FILE *out;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static int by_address(const void *left, const void *right) {
    const struct function *a = left, *b = right;
    return a->at < b->at ? -1 : a->at > b->at;
}

static void read_functions(struct image *image) {
    const Elf64_Ehdr *head = (const Elf64_Ehdr *)image->file;
    const Elf64_Shdr *sections = (const Elf64_Shdr *)(image->file + head->e_shoff);
    for (int i = 0; i < head->e_shnum; ++i) {
        if (sections[i].sh_type != SHT_SYMTAB) continue;
        const Elf64_Sym *symbols = (const Elf64_Sym *)(image->file + sections[i].sh_offset);
        const char *names = (const char *)image->file + sections[sections[i].sh_link].sh_offset;
        size_t count = sections[i].sh_size / sizeof *symbols;
        image->functions = calloc(count + 1, sizeof *image->functions);
        for (size_t k = 0; k < count; ++k)
            if (ELF64_ST_TYPE(symbols[k].st_info) == STT_FUNC && symbols[k].st_shndx != SHN_UNDEF)
                image->functions[image->count++] =
                    (struct function){symbols[k].st_value, names + symbols[k].st_name, 0};
    }
    qsort(image->functions, image->count, sizeof *image->functions, by_address);
}

static struct image *image_of(const char *path) {
    int i = 0;
    for (; i < kImages && images[i].file; ++i)
        if (strcmp(images[i].path, path) == 0) return &images[i];
    if (i == kImages) return NULL;
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status)) fail(path);
    snprintf(images[i].path, PATH_MAX, "%s", path);
    images[i].file = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (images[i].file == MAP_FAILED) fail("mmap");
    close(fd);
    read_functions(&images[i]);
    return &images[i];
}

/* Where the file begins in the memory of `pid`. */
static unsigned long base_of(pid_t pid, const char *path) {
    char name[64], line[PATH_MAX + 128];
    unsigned long base = 0;
    snprintf(name, sizeof name, "/proc/%d/maps", pid);
    FILE *maps = fopen(name, "r");
    while (maps && base == 0 && fgets(line, sizeof line, maps))
        if (strstr(line, path)) base = strtoul(line, NULL, 16);
    if (maps) fclose(maps);
    return base;
}

static void put(pid_t pid, unsigned long at, unsigned char byte) {
    errno = 0;
    long word = ptrace(PTRACE_PEEKTEXT, pid, at, 0);
    if (errno) fail("PTRACE_PEEKTEXT");
    if (ptrace(PTRACE_POKETEXT, pid, at, (word & ~0xffL) | byte)) fail("PTRACE_POKETEXT");
}

static int is_asked_for(const char *path, const char *names) {
    const char *name = strrchr(path, '/') + 1;
    for (const char *at = names; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (strcspn(at, ",") == strlen(name) && strncmp(at, name, strlen(name)) == 0) return 1;
    }
    return 0;
}

static struct process *process_of(pid_t pid) {
    struct process *unused = NULL;
    for (int i = 0; i < kProcesses; ++i) {
        if (processes[i].pid == pid) return &processes[i];
        if (!processes[i].pid && !unused) unused = &processes[i];
    }
    if (!unused) fail("too many processes");
    *unused = (struct process){.pid = pid};
    return unused;
}

/* Begins to trace what `process` executes now; false if nobody has asked for it. */
static int begin(struct process *process, const char *names) {
    char link[64], path[PATH_MAX] = "";
    snprintf(link, sizeof link, "/proc/%d/exe", process->pid);
    if (readlink(link, path, sizeof path - 1) < 0 || !is_asked_for(path, names)) return 0;
    process->image = image_of(path);
    if (!process->image) return 0;
    process->base = base_of(process->pid, path);
    for (size_t i = 0; i < process->image->count; ++i)
        if (!process->image->functions[i].met)
            put(process->pid, process->base + process->image->functions[i].at, kBreakpoint);
    return 1;
}

static void meet(struct image *image, struct function *first) {
    if (first->met) return;
    for (; first < image->functions + image->count && !first->met; ++first) {
        first->met = 1;
        fprintf(out, "%s ", first->name);
        if (first[1].at != first->at) break;
    }
    fputc('\n', out);
    fflush(out);
}

/* Whether the trap of `process` was a breakpoint of ours, which is then gone. */
static int pass_breakpoint(struct process *process) {
    struct user_regs_struct registers;
    if (!process->image || ptrace(PTRACE_GETREGS, process->pid, 0, &registers)) return 0;
    struct image *image = process->image;
    struct function key = {registers.rip - 1 - process->base, NULL, 0};
    struct function *found =
        bsearch(&key, image->functions, image->count, sizeof key, by_address);
    if (!found) return 0;
    while (found > image->functions && found[-1].at == found->at) --found;
    const Elf64_Ehdr *head = (const Elf64_Ehdr *)image->file;
    const Elf64_Phdr *segments = (const Elf64_Phdr *)(image->file + head->e_phoff);
    for (int i = 0; i < head->e_phnum; ++i)
        if (segments[i].p_type == PT_LOAD && found->at - segments[i].p_vaddr < segments[i].p_filesz)
            put(process->pid, process->base + found->at,
                image->file[segments[i].p_offset + found->at - segments[i].p_vaddr]);
    registers.rip -= 1;
    ptrace(PTRACE_SETREGS, process->pid, 0, &registers);
    meet(image, found);
    return 1;
}

static void follow(struct process *process, int status, const char *names) {
    int signal = WSTOPSIG(status), event = status >> 16;
    int is_new = !process->greeted;
    process->greeted = 1;
    if (event == PTRACE_EVENT_EXEC) {
        process->image = NULL;
        if (!begin(process, names)) {
            ptrace(PTRACE_DETACH, process->pid, 0, 0);
            process->pid = 0;
            return;
        }
        signal = 0;
    } else if (event != 0) {
        unsigned long child = 0;
        ptrace(PTRACE_GETEVENTMSG, process->pid, 0, &child);
        struct process *born = process_of((pid_t)child);
        born->image = process->image;
        born->base = process->base;
        born->born = 1;
        if (born->greeted) ptrace(PTRACE_CONT, born->pid, 0, 0);
        signal = 0;
    } else if (is_new && signal == SIGSTOP) {
        if (!process->born) return;
        signal = 0;
    } else if (signal == SIGTRAP && pass_breakpoint(process)) {
        signal = 0;
    }
    ptrace(PTRACE_CONT, process->pid, 0, signal);
}

static pid_t launch(char **command) {
    pid_t pid = fork();
    if (pid != 0) return pid;
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    execvp(command[0], command);
    fail(command[0]);
    return -1;
}

int main(int count, char **words) {
    if (count < 4) {
        fputs("usage: first_calls OUT NAME[,NAME…] COMMAND… | first_calls OUT NAME PID\n", stderr);
        return 2;
    }
    out = fopen(words[1], "w");
    if (!out) fail(words[1]);
    pid_t attached = atoi(words[3]);
    pid_t first = attached ? attached : launch(words + 3);
    if (attached && ptrace(PTRACE_ATTACH, first, 0, 0)) fail("PTRACE_ATTACH");
    int status = 0;
    if (waitpid(first, &status, __WALL) != first || !WIFSTOPPED(status)) fail("waitpid");
    ptrace(PTRACE_SETOPTIONS, first, 0, kOptions);
    struct process *process = process_of(first);
    process->greeted = process->born = 1;
    if (attached && !begin(process, words[2])) fail("none of that name");
    ptrace(PTRACE_CONT, first, 0, 0);
    for (pid_t pid; (pid = waitpid(-1, &status, __WALL)) > 0;) {
        process = process_of(pid);
        if (WIFSTOPPED(status))
            follow(process, status, words[2]);
        else
            process->pid = 0;
    }
    return 0;
}
