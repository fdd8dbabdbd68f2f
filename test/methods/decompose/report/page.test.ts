import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { rgbImage } from "../../../../src/engine/media/image.js";
import { Random } from "../../../../src/engine/tensor/random.js";
import type { Parts, TextFindings } from "../../../../src/methods/decompose/report/findings.js";
import { heatMap } from "../../../../src/methods/decompose/report/heat-maps.js";
import { html } from "../../../../src/methods/decompose/report/markup.js";
import { decimalsFor, percent, signed } from "../../../../src/methods/decompose/report/numbers.js";
import { reportPage } from "../../../../src/methods/decompose/report/page.js";
import { pictureSection } from "../../../../src/methods/decompose/report/picture-section.js";

const [LAYERS, HEADS, GRID] = [3, 5, 2];
const random = new Random(3);
const grey = rgbImage(8, 8, new Uint8Array(8 * 8 * 3).fill(128));

function parts(): Parts {
  const heads = random.centred(LAYERS * HEADS, 0.01);
  const mlps = random.centred(LAYERS + 1, 0.01);
  return { heads, mlps, tokens: random.centred(GRID * GRID + 1, 0.01), total: random.centred(1, 0.1)[0]! };
}

function textFindings(): TextFindings {
  const alone = parts();
  return { cosine: alone.total, probability: random.uniform(), alone, against: parts() };
}

async function report(name: string, texts: readonly string[], found = texts.map(textFindings)): Promise<string> {
  const norms = { attention: new Float32Array(LAYERS).fill(0.1), mlps: new Float32Array(LAYERS + 1).fill(0.1) };
  const topHeads = texts.length > 0 ? [{ layer: 2, head: 4, value: 0.0123, tokens: parts().tokens }] : [];
  const section = await pictureSection({ name, seen: grey, findings: { texts: found, norms }, topHeads }, texts);
  const facts = {
    model: name,
    layers: LAYERS,
    heads: HEADS,
    grid: GRID,
    patchSize: 4,
    texts,
    pictures: 1,
    caveat: "It knows <b>nothing</b>.",
    provenance: [["model", name]],
    command: `vitrine decompose ${name}`,
  } as const;
  return reportPage(facts, [section]);
}

const HOSTILE = [`<script>alert(1)</script>`, `"><img src=x onerror=alert(2)>`, "' onfocus='alert(3)", "&lt;b&gt;"];

describe("a report", async () => {
  const page = await report(HOSTILE[0]!, HOSTILE);

  test("shows names and texts as text, whatever is in them", () => {
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).not.toMatch(/<img src=x|<b>.*alert/);
    expect(page).toContain("&#60;script&#62;alert(1)&#60;/script&#62;");
    expect(page).toContain("&#38;lt;b&#38;gt;");
    expect(page).toContain("It knows &#60;b&#62;nothing&#60;/b&#62;.");
    // With quoted values taken out, a handler could only be one that broke out of its quotes.
    const tags = [...page.matchAll(/<[a-z][^<>]*>/g)].map(([tag]) => tag.replace(/="[^"]*"/g, ""));
    expect(tags.filter((tag) => /\son\w+|'/.test(tag))).toEqual([]);
  });

  test("loads nothing", () => {
    const addresses = [...page.matchAll(/(?:src|href|action|srcset|data|poster)="([^"]*)"/g)].map(
      ([, address]) => address!,
    );
    expect(addresses.length).toBeGreaterThan(8);
    for (const address of addresses) expect(address).toMatch(/^data:image\/png;base64,[A-Za-z0-9+/=]+$/);
    expect(page).not.toMatch(/https?:\/\/|@import|<link|<iframe|url\((?!#)/);
  });

  test("may run its own script and style, and no others", () => {
    const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(page)![1]!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("unsafe");
    for (const element of ["style", "script"]) {
      const [, content] = new RegExp(`<${element}>([^]*?)</${element}>`).exec(page)!;
      const hash = createHash("sha256").update(content!).digest("base64");
      expect(policy).toContain(`${element}-src 'sha256-${hash}'`);
    }
    expect(page).not.toMatch(/ style="/);
  });

  test("has every head's value as a mark and in a table, in both views", async () => {
    const found = [textFindings(), textFindings()];
    const text = await report("picture", ["one", "two"], found);
    for (const { alone, against } of found) {
      for (const { heads } of [alone, against!]) {
        const decimals = decimalsFor(Math.max(...heads.map(Math.abs)));
        heads.forEach((value, i) => {
          expect(text).toContain(`<td>${signed(value, decimals)}</td>`);
          expect(text).toContain(`data-says="layer ${Math.floor(i / HEADS)}, head ${i % HEADS}: ${signed(value, 4)}`);
        });
      }
    }
    expect(text).toContain('class="against-view"');
    expect(text).toContain('class="alone-view"');
  });

  test("of a single text has one view and no switch", async () => {
    const text = await report("picture", ["one"]);
    expect(text).not.toMatch(/class="(?:against|alone)-view"|type="radio"/);
    expect(text).toContain('class="only-view"');
  });

  test("without texts shows what each layer adds", async () => {
    const text = await report("picture", []);
    expect(text).toContain("Euclidean norm");
    expect(text).not.toContain("NaN");
  });
});

test("a heat map is red where a patch speaks for the text, blue where against", () => {
  const { data } = heatMap(grey, Float32Array.of(9, 1, -1, 0, 0), 1);
  const redness = (x: number, y: number): number => data[(y * 8 + x) * 3]! - data[(y * 8 + x) * 3 + 2]!;
  expect(redness(0, 0)).toBeGreaterThan(50);
  expect(redness(7, 0)).toBeLessThan(-50);
  expect(Math.abs(redness(0, 7))).toBeLessThan(5);
});

test("markup escapes what it is filled with, but for markup", () => {
  expect(html`<p title="${'"'}">${"<b>\u0007"}${html`<i>${1}</i>`}${undefined}</p>`.text).toBe(
    '<p title="&#34;">&#60;b&#62;\ufffd<i>1</i></p>',
  );
});

test("numbers are written with a sign, and as many decimals as their scale needs", () => {
  expect([signed(0.01234), signed(-0.5), signed(0, 2)]).toEqual(["+0.0123", "−0.5000", "+0.00"]);
  expect([decimalsFor(0.5), decimalsFor(0.0265), decimalsFor(0.00061)]).toEqual([4, 4, 6]);
  expect([percent(0.4951), percent(0.0123), percent(-0.2), percent(0)]).toEqual(["50 %", "1.2 %", "−20 %", "0 %"]);
});
