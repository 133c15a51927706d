"""A server of known capacity for bench/find: some workers behind one queue; service is a sleep, so that a
busy machine does not change it. Options make service random, bound the queue, leak or collapse."""

import argparse
import asyncio
import random
import time

parser = argparse.ArgumentParser()
parser.add_argument("--workers", type=int, default=1)
parser.add_argument("--service", type=float, default=0.02, help="mean seconds")
parser.add_argument("--random", action="store_true", help="exponential instead of fixed")
parser.add_argument("--queue", type=int, default=10**9, help="places to wait; more are refused with 503")
parser.add_argument("--leak", type=float, default=0.0, help="growth of the service time per minute")
parser.add_argument("--collapse", type=int, default=10**9, help="waiting requests from which it stays slow")
parser.add_argument("--seed", type=int, default=1)
options = parser.parse_args()

chance = random.Random(options.seed)
born = time.monotonic()
collapsed = False
waiting = 0
# The instant at which each worker is free: service ends are computed, not added up from sleeps, so that
# the capacity is exact however late the machine wakes us.
free_at = [0.0] * options.workers


def answer(status, body):
    return (f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()


async def serve(reader, writer):
    global collapsed, waiting
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            if not head:
                break
            if waiting >= options.queue + options.workers:
                writer.write(answer("503 Service Unavailable", "full"))
                await writer.drain()
                continue
            now = time.monotonic()
            work = chance.expovariate(1 / options.service) if options.random else options.service
            work *= 1 + options.leak * (now - born) / 60
            if collapsed:
                work *= 5
            worker = min(range(options.workers), key=free_at.__getitem__)
            end = max(now, free_at[worker]) + work
            free_at[worker] = end
            waiting += 1
            collapsed = collapsed or waiting > options.collapse
            try:
                await asyncio.sleep(end - now)
            finally:
                waiting -= 1
            writer.write(answer("200 OK", "ok"))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


try:
    asyncio.run(main())
except KeyboardInterrupt:
    pass
