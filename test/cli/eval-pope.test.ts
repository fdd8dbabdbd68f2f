import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readPopeAnswers, readPopeTruth } from "../../src/cli/captions/pope-files.js";
import { scratchFolder } from "../support/scratch-folder.js";
import { vitrine } from "../support/vitrine.js";

describe("vitrine eval pope", () => {
  const folder = scratchFolder();
  const write = async (name: string, ...rows: readonly unknown[]): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, rows.map((row) => JSON.stringify(row)).join("\n") + "\n");
    return path;
  };
  const dog = { image: "1.jpg", question: "Is there a dog in the image?", answer: "Yes." };
  const owl = { image: "1.jpg", question: "is there an owl in the imange?", answer: "yes" };

  test("makes questions, and judges answers to them by label or by objects", async () => {
    const truth = await write(
      "objects.jsonl",
      { image: "1.jpg", objects: ["dog", "cup"] },
      { image: "2.jpg", objects: ["owl"] },
    );
    const made = await vitrine(["eval", "pope", "--truth", truth, "--questions", "popular", "--per-picture", "1"]);
    expect(
      made.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { question_id: 1, image: "1.jpg", text: "Is there a dog in the image?", label: "yes" },
      { question_id: 2, image: "1.jpg", text: "Is there an owl in the image?", label: "no" },
      { question_id: 3, image: "2.jpg", text: "Is there an owl in the image?", label: "yes" },
      { question_id: 4, image: "2.jpg", text: "Is there a dog in the image?", label: "no" },
    ]);
    const questions = join(folder, "questions.jsonl");
    await writeFile(questions, made.stdout);
    const answers = await write("answers.jsonl", dog, owl, { answer: "no" }, { answer: "There is not." });
    const judged = await vitrine(["eval", "pope", "--truth", questions, "--answers", answers, "--json"]);
    expect(JSON.parse(judged.stdout)).toMatchObject({
      accuracy: 50,
      precision: 50,
      recall: 50,
      yes_rate: 50,
      intervals: { accuracy: [50, 50] },
      counts: { pictures: 2, questions: 4, true_positives: 1, false_positives: 1 },
    });
    const few = await write("few.jsonl", dog, owl);
    const objects = await write("truth.json", { "1.jpg": ["dog"] });
    const other = await vitrine(["eval", "pope", "--truth", objects, "--answers", few]);
    expect(other.stdout).toMatch(/accuracy.*\n.*50\.0 \[50, 50\]/);
  });

  test.each<[string, readonly unknown[], readonly unknown[], RegExp]>([
    [
      "answers missing",
      [dog],
      [
        { text: dog.question, label: "yes" },
        { text: "x", label: "no" },
      ],
      /1 answers, expected 2/,
    ],
    ["another question", [owl], [{ text: dog.question, label: "yes" }], /line 1: got "is there an owl/],
    [
      "an empty answer",
      [{ answer: "" }],
      [{ text: "x", label: "no" }],
      /without a word, which would count as a yes.*line 1/,
    ],
    ["a picture that is not known", [dog], [{ "2.jpg": ["dog"] }], /got picture 1\.jpg/],
    ["a label that is none", [dog], [{ text: "x", label: "perhaps" }], /line 1.*at label/],
  ])("%s is refused", async (name, answers, truth, message) => {
    const files = [await write(`${name}-a.jsonl`, ...answers), await write(`${name}-t.json`, ...truth)] as const;
    const judged = readPopeTruth(files[1]).then((known) => readPopeAnswers(files[0], known));
    await expect(judged).rejects.toThrow(message);
  });

  test.each<[string, string[]]>([
    ["answers without a truth", ["--answers", "a.jsonl"]],
    ["a truth alone", ["--truth", "t.json"]],
  ])("%s is refused", async (_name, args) => {
    const { code, stderr } = await vitrine(["eval", "pope", ...args]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/--truth with --answers, to judge answers/)]);
  });
});
