/* The least that a generator does on io_uring: the small GET of bench/compare on a number of connections, again and again.
 *
 *     uring PORT CONNECTIONS SECONDS WAIT_FOR
 *
 * One ring, sends and receives in batches, answers into buffers that the ring picks (a receive that stays armed), no completion
 * for a send that went well. WAIT_FOR is for how many answers it waits each time: with 1 none is held back. Prints the number of
 * answers. An answer counts as one receive, which holds for answers of a few hundred bytes. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <liburing.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define ENTRIES 4096
#define BUFFERS 4096 /* a power of two, as a ring of buffers needs */
#define BUFFER_BYTES 1024
#define SENT (1u << 31) /* marks the completion of a send, which comes only when it fails */

static const char REQUEST[] = "GET /small HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: keep-alive\r\n\r\n";

static struct io_uring ring;

static void fail(const char *what, int error) {
    fprintf(stderr, "%s: %s\n", what, strerror(error));
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec * 1e-9;
}

/* A free entry of the ring, which is emptied when it is full. */
static struct io_uring_sqe *entry(void) {
    struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
    while (!sqe) {
        io_uring_submit(&ring);
        sqe = io_uring_get_sqe(&ring);
    }
    return sqe;
}

static void receive(int connection) {
    struct io_uring_sqe *sqe = entry();
    io_uring_prep_recv_multishot(sqe, connection, NULL, 0, 0);
    sqe->flags |= IOSQE_FIXED_FILE | IOSQE_BUFFER_SELECT;
    sqe->buf_group = 0;
    sqe->user_data = connection;
}

static void send_request(int connection) {
    struct io_uring_sqe *sqe = entry();
    io_uring_prep_send(sqe, connection, REQUEST, sizeof REQUEST - 1, 0);
    sqe->flags |= IOSQE_FIXED_FILE | IOSQE_CQE_SKIP_SUCCESS;
    sqe->user_data = SENT;
}

static int connected(int port) {
    int one = 1, file = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (file < 0 || connect(file, (void *)&address, sizeof address))
        fail("connect", errno);
    setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return file;
}

int main(int count, char **words) {
    if (count != 5) {
        fprintf(stderr, "usage: uring PORT CONNECTIONS SECONDS WAIT_FOR\n");
        return 2;
    }
    int port = atoi(words[1]), connections = atoi(words[2]), wait_for = atoi(words[4]);
    double seconds = atof(words[3]);

    struct io_uring_params setup = {
        .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE,
        .cq_entries = 2 * ENTRIES,
    };
    int error = io_uring_queue_init_params(ENTRIES, &ring, &setup);
    if (error)
        fail("io_uring", -error);
    int *files = calloc(connections, sizeof *files);
    for (int at = 0; at < connections; at++)
        files[at] = connected(port);
    error = io_uring_register_files(&ring, files, connections);
    if (error)
        fail("register files", -error);

    char *memory = aligned_alloc(4096, (size_t)BUFFERS * BUFFER_BYTES);
    struct io_uring_buf_ring *buffers = aligned_alloc(4096, BUFFERS * sizeof(struct io_uring_buf));
    struct io_uring_buf_reg place = {.ring_addr = (unsigned long)buffers, .ring_entries = BUFFERS, .bgid = 0};
    error = io_uring_register_buf_ring(&ring, &place, 0);
    if (error)
        fail("register buffers", -error);
    io_uring_buf_ring_init(buffers);
    for (int at = 0; at < BUFFERS; at++)
        io_uring_buf_ring_add(buffers, memory + (size_t)at * BUFFER_BYTES, BUFFER_BYTES, at, BUFFERS - 1, at);
    io_uring_buf_ring_advance(buffers, BUFFERS);

    for (int at = 0; at < connections; at++) {
        receive(at);
        send_request(at);
    }
    long answers = 0;
    for (double end = now() + seconds; now() < end;) {
        io_uring_submit_and_wait(&ring, wait_for);
        struct io_uring_cqe *done;
        unsigned head, seen = 0;
        io_uring_for_each_cqe(&ring, head, done) {
            seen++;
            if (done->res <= 0)
                fail(done->user_data == SENT ? "send" : "receive", done->res ? -done->res : ECONNRESET);
            int connection = done->user_data, buffer = done->flags >> IORING_CQE_BUFFER_SHIFT;
            answers++;
            io_uring_buf_ring_add(buffers, memory + (size_t)buffer * BUFFER_BYTES, BUFFER_BYTES, buffer, BUFFERS - 1, 0);
            io_uring_buf_ring_advance(buffers, 1);
            if (!(done->flags & IORING_CQE_F_MORE))
                receive(connection);
            send_request(connection);
        }
        io_uring_cq_advance(&ring, seen);
    }
    printf("%ld\n", answers);
    return 0;
}
