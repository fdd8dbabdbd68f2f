import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chair } from "../../../src/methods/captions/chair.js";
import { ObjectWords } from "../../../src/methods/captions/object-words.js";
import { type ChairMode, singular } from "../../../src/methods/captions/singular.js";
import { ROOT } from "../../support/paths.js";
import { vitrine } from "../../support/vitrine.js";

const TABLE = {
  objects: {
    "": [""],
    person: ["person", "man"],
    bus: ["bus", "minibus"],
    tie: ["tie"],
    skis: ["skis"],
    dog: ["dog"],
    bird: ["bird"],
    chair: ["chair", "seat"],
    toilet: ["toilet"],
    glass: ["wine glass"],
    "hot dog": ["hot dog"],
    bike: ["bike", " motor bike"],
  },
  doubleWords: {
    "hot dog": "hot dog",
    "baby bird": "bird",
    "wine glas": "wine glass",
    "wine glass": "wine glass",
    "toilet seat": "toilet",
    "motor bike": "motor bike",
  },
};

const named = (caption: string, mode: ChairMode = "fixed"): string[] =>
  new ObjectWords(TABLE, mode).mentions(caption).map(({ object }) => object);

describe("the objects that a caption names", () => {
  test.each([
    ["People and two men walk dogs.", ["person", "person", "dog"]],
    ["A Hot Dog, no hot-dog: a dog!", ["hot dog", "dog"]],
    ["baby birds drink from wine glasses", ["bird", "glass"]],
    ["the seat of the toilet", ["toilet"]],
    ["a toilet seat and a seat", ["toilet"]],
    ["a man's seat", ["person", "chair"]],
    ["", []],
    ["nothing here, <s> ÉTÉ İ 犬", []],
  ])("%s", (caption, objects) => {
    expect(named(caption)).toEqual(objects);
    expect(named(caption, "strict")).toEqual(objects);
  });

  test("strict makes the published mistakes, fixed does not", () => {
    const caption = "a bus, a minibus, buses, ties, skis and a motor bike";
    expect(named(caption, "strict")).toEqual(["bus"]);
    expect(named(caption)).toEqual(["bus", "bus", "bus", "tie", "skis", "bike"]);
  });

  test("mentions say where they stand", () => {
    const caption = "ÉÉ İİ: two Wine Glasses and a DOG";
    const found = new ObjectWords(TABLE, "strict").mentions(caption);
    expect(found.map(({ start, end }) => caption.slice(start, end))).toEqual(["Wine Glasses", "DOG"]);
  });

  test("whatever stands around words, their singulars are words of the caption", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.constantFrom<ChairMode>("strict", "fixed"), (caption, mode) => {
        for (const { start, end, word } of new ObjectWords(TABLE, mode).mentions(`${caption} dogs `)) {
          const words = `${caption} dogs `.slice(start, end).toLowerCase().split(/\s+/);
          const [first, second] = words.map((one) => singular(one, mode));
          const double = TABLE.doubleWords[`${first} ${second}` as keyof typeof TABLE.doubleWords] as
            string | undefined;
          expect([first, words[0], double]).toContain(word);
        }
      }),
    );
  });
});

describe("CHAIR", () => {
  const truth = new Map([
    ["1", new Set(["dog", "person", "bird"])],
    ["2", new Set<string>()],
  ]);

  test("mentions count each time, objects once", () => {
    const captions = [
      { imageId: "1", caption: "A dog, another dog, a bus and a tie." },
      { imageId: "2", caption: "" },
    ];
    const { chairS, chairI, recall, counts, captions: judged } = chair(captions, truth, TABLE, "fixed");
    expect({ chairS, chairI }).toEqual({ chairS: 50, chairI: 50 });
    expect(recall).toBeCloseTo(100 / 3, 12);
    expect(counts).toEqual({
      captions: 2,
      hallucinated_captions: 1,
      mentions: 4,
      hallucinated_mentions: 2,
      objects: 3,
      recalled_objects: 1,
    });
    expect(judged[0]!.missed).toEqual(["person", "bird"]);
  });

  test("where there is nothing to divide by, there is no figure", () => {
    const { chairI, recall } = chair([{ imageId: "2", caption: "rain" }], truth, TABLE, "strict");
    expect([chairI, recall]).toEqual([undefined, undefined]);
  });

  test("a picture that nothing is known of is refused", () => {
    const captions = [{ imageId: "3", caption: "a dog" }];
    expect(() => chair(captions, truth, TABLE, "strict")).toThrow(/picture 3.*an entry for it in the truth/);
    expect(() => chair([], truth, TABLE, "strict")).toThrow(/no captions/);
  });
});

/** Third-party captions that are no part of this project. */
const DATA = join(ROOT, "../shared/data/chair");
const have = existsSync(DATA);
if (!have) process.stderr.write(`NOT CHECKED: CHAIR on 500 captions of LLaVA-1.5, because they are missing\n`);

describe("vitrine eval chair", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vitrine-chair-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const files = (at: string): string[] =>
    ["captions.jsonl", "truth.json", "synonyms.json"].flatMap((name) => [`--${name.split(".")[0]!}`, join(at, name)]);

  test.skipIf(!have)("gives the published counts", async () => {
    const { stdout } = await vitrine(["eval", "chair", ...files(DATA), "--json"]);
    expect((JSON.parse(stdout) as { counts: unknown }).counts).toEqual({
      captions: 500,
      hallucinated_captions: 210,
      mentions: 3646,
      hallucinated_mentions: 444,
      objects: 1524,
      recalled_objects: 1192,
    });
  });

  test("says which line of which file is not as it should be", async () => {
    await writeFile(join(folder, "captions.jsonl"), '{"image_id": 1, "caption": "a dog"}\n\n{"image_id": 1}\n');
    await writeFile(join(folder, "truth.json"), '{"1": ["dog"]}');
    await writeFile(join(folder, "synonyms.json"), JSON.stringify({ objects: TABLE.objects }));
    const { code, stderr } = await vitrine(["eval", "chair", ...files(folder)]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/captions\.jsonl, line 3.*at caption/);
    await writeFile(
      join(folder, "captions.jsonl"),
      '{"image_id": 1, "caption": "a dog"}\n{"image_id": 1, "caption": " "}\n',
    );
    const empty = await vitrine(["eval", "chair", ...files(folder)]);
    expect([empty.code, empty.stderr]).toEqual([
      2,
      expect.stringMatching(/captions\.jsonl, line 2.*\[empty-caption\]/),
    ]);
  });
});
