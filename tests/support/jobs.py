"""Small things that tests of jobs share."""

import time

OVER = ("done", "failed", "cancelled", "broken")


def statistics() -> bytes:
    """Return a file of statistics of provinces: 80 rows, two of them years."""
    rows = ["region_id,period,measure,vintage,value,unit,source"]
    for i in range(40):
        region = f"{(11 + i % 20) * 10000}"
        rows += [f"{region},{2000 + i // 20},{m},v1,{v},u,test"
                 for m, v in (("gdp", 100 + i), ("population", 10 + i))]  # fmt: skip
    return "\n".join(rows).encode()


def posted(client, wanted) -> str:
    """Ask for a job; return its id."""
    answer = client.post("/v1/jobs", json=wanted)
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/v1/jobs/{answer.json()['job_id']}"
    return answer.json()["job_id"]


def ended(client, job_id: str, seconds: float = 90) -> dict:
    """Return a job as it has ended."""
    until = time.monotonic() + seconds
    while (found := client.get(f"/v1/jobs/{job_id}").json())["state"] not in OVER:
        assert time.monotonic() < until, found
        time.sleep(0.1)
    return found
