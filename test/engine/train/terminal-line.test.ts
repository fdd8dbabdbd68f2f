import { afterEach, expect, test, vi } from "vitest";
import { TrainingLine } from "../../../src/cli/training-progress.js";

const wasTerminal = process.stderr.isTTY;
afterEach(() => {
  process.stderr.isTTY = wasTerminal;
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** What is written while 3 steps a second are done, from step 1000 on, and the loss falls. */
function written(isTerminal: boolean, seconds: number): string[] {
  vi.useFakeTimers({ toFake: ["performance"] });
  const out: string[] = [];
  process.stderr.isTTY = isTerminal;
  vi.spyOn(process.stderr, "write").mockImplementation((text) => out.push(String(text)) > 0);
  const line = new TrainingLine("tiny");
  for (let i = 0; i <= 3 * seconds; i++) {
    line.update({ step: 1000 + i, steps: 4000, loss: 1 + 1 / (i + 1), stepsPerSecond: 3, secondsLeft: undefined });
    vi.advanceTimersByTime(1000 / 3);
  }
  line.clear();
  return out;
}

test("a terminal shows step, loss, speed and the time left, in one line that is taken away", () => {
  const out = written(true, 10);
  expect(out.length).toBeGreaterThan(20);
  expect(out.at(-2)).toContain("tiny  step 1030 of 4000 · loss 1.032 · 3.0 steps/s · 16:30 left");
  for (const text of out) expect(text.startsWith("\r\u001b[2K")).toBe(true);
  expect(out.at(-1)).toBe("\r\u001b[2K");
});

test("elsewhere there is a line now and then", () => {
  const out = written(false, 70);
  expect(out).toHaveLength(2);
  expect(out[0]).toMatch(/^tiny  step 10\d\d of 4000 · loss 1\.\d+ · 3\.0 steps\/s · \d+:\d\d left\n$/);
});
