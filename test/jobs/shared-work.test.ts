/** Work that several jobs wait for: who hears of it, and when it ends. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { JobControl } from "../../src/jobs/index.js";
import { share, type SharedWork } from "../../src/jobs/shared-work.js";

interface Waiter {
  readonly control: JobControl;
  readonly heard: number[];
  readonly leave: () => void;
}

function waiter(): Waiter {
  const ending = new AbortController();
  const heard: number[] = [];
  return {
    heard,
    leave: () => {
      ending.abort(new DOMException("left", "AbortError"));
    },
    control: { signal: ending.signal, progress: ({ done }) => heard.push(done) },
  };
}

/** Counts to 20, a step a millisecond or so, and how often it was begun and given up. */
function counting(): { begun: number; givenUp: number; readonly count: (control: JobControl) => Promise<string> } {
  const told = {
    begun: 0,
    givenUp: 0,
    async count(control: JobControl): Promise<string> {
      const own = ++told.begun;
      control.signal.addEventListener("abort", () => told.givenUp++);
      for (let done = 0; done < 20; done++) {
        await sleep(1);
        control.signal.throwIfAborted();
        control.progress({ stage: "counting", done, unit: "steps" });
      }
      return `count ${own}`;
    },
  };
  return told;
}

test("all who wait hear how it goes; it outlives the one that began it", async () => {
  const works = new Map<string, SharedWork<string>>();
  const told = counting();
  const [first, second] = [waiter(), waiter()];
  const asked = share(works, "a", first.control, told.count);
  const other = share(works, "a", second.control, told.count);
  await sleep(5);
  first.leave();
  await expect(asked).rejects.toMatchObject({ message: "left" });
  expect(await other).toBe("count 1");
  expect(second.heard.at(-1)).toBe(19);
  expect(first.heard.length).toBeLessThan(20);
  expect(await share(works, "a", waiter().control, told.count)).toBe("count 1");
  expect(told).toMatchObject({ begun: 1, givenUp: 0 });
});

test("it is given up when the last one leaves; who asks then has it done anew", async () => {
  const works = new Map<string, SharedWork<string>>();
  const told = counting();
  const both = [waiter(), waiter()];
  const asked = both.map(({ control }) => share(works, "a", control, told.count));
  await sleep(5);
  for (const { leave } of both) leave();
  for (const one of asked) await expect(one).rejects.toMatchObject({ message: "left" });
  expect(await share(works, "a", waiter().control, told.count)).toBe("count 2");
  expect(told).toMatchObject({ begun: 2, givenUp: 1 });
});

test("what fails is told to all, and not kept", async () => {
  const works = new Map<string, SharedWork<string>>();
  const fail = (): Promise<string> => Promise.reject(new Error("no disk"));
  const asked = [waiter(), waiter()].map(({ control }) => share(works, "a", control, fail));
  for (const one of asked) await expect(one).rejects.toThrow("no disk");
  expect(await share(works, "a", waiter().control, () => Promise.resolve("found"))).toBe("found");
});
