/** What `vitrine decompose` prints for people: a few lines for each picture, or one where there are many. */
import {
  attentionByLayer,
  decisive,
  type Parts,
  type PictureFindings,
  ranking,
} from "../../methods/decompose/report/findings.js";
import { headName, percent, plain, signed } from "../../methods/decompose/report/numbers.js";
import { columnsOf, fitMiddle, outputColumns, padEnd, padStart, printable } from "../terminal-text.js";
import { topHeads } from "./results.js";

/** With more pictures than this, only the first few are told in full. */
const ALL_IN_FULL = 10;
const FIRST_IN_FULL = 3;
const TEXTS_SHOWN = 10;
const BAR_COLUMNS = 20;
/** A value such as −0.0123, and the space before it. */
const CELL = 9;
const LABEL = 12;
const SMALLEST_WHOLE = 1e-5;

export class Summary {
  readonly #names: readonly string[];
  readonly #texts: readonly string[];
  readonly #top: number;
  readonly #columns = outputColumns();
  readonly #inFull: number;
  readonly #nameColumns: number;

  constructor(names: readonly string[], texts: readonly string[], top: number) {
    this.#names = names.map(printable);
    this.#texts = texts.map(printable);
    this.#top = top;
    this.#nameColumns = this.#names.reduce((most, name) => Math.min(36, Math.max(most, columnsOf(name))), 0);
    this.#inFull = names.length > ALL_IN_FULL ? FIRST_IN_FULL : names.length;
  }

  /** The lines for one picture, each with its line feed. */
  picture(index: number, findings: PictureFindings): string {
    if (index >= this.#inFull) return this.#brief(index, findings);
    const name = fitMiddle(this.#names[index]!, this.#columns);
    const body = findings.texts.length === 0 ? this.#norms(findings) : this.#full(findings);
    const gap = index === this.#inFull - 1 && index < this.#names.length - 1 ? "\n\n" : "\n";
    return `\n${[name, ...body].join("\n")}${gap}`;
  }

  #full(findings: PictureFindings): string[] {
    const order = ranking(findings);
    const [best] = order as [number];
    const parts = decisive(findings.texts[best]!);
    return [
      ...this.#scores(findings, order),
      "",
      ...this.#heads(findings, best, parts),
      "",
      ...this.#layers("attention", attentionByLayer(parts), "MLP", parts.mlps, true),
    ];
  }

  #scores({ texts }: PictureFindings, order: readonly number[]): string[] {
    const shown = order.slice(0, TEXTS_SHOWN);
    const width = Math.min(this.#columns - 42 - BAR_COLUMNS, Math.max(...shown.map((t) => columnsOf(this.#texts[t]!))));
    const lines = shown.map((t) => {
      const { cosine, probability } = texts[t]!;
      const text = padEnd(fitMiddle(this.#texts[t]!, width), width);
      const bar = padEnd("█".repeat(Math.round(probability * BAR_COLUMNS)), BAR_COLUMNS);
      // Of a single text the probability says nothing: it is 1.
      const share = order.length > 1 ? `   ${bar} ${padStart(percent(probability), 6)}` : "";
      return `  ${text}${share}   cosine ${padStart(plain(cosine), 7)}`;
    });
    if (order.length > shown.length) lines.push(`  and ${order.length - shown.length} more`);
    return lines;
  }

  #heads(findings: PictureFindings, best: number, parts: Parts): string[] {
    const text = fitMiddle(this.#texts[best]!, 32);
    const others = findings.texts.length - 1;
    const rest = others === 1 ? "the other text" : `the mean of the other ${others}`;
    const [title, whole] =
      others === 0
        ? [`Parts of the cosine with “${text}”, ${signed(parts.total)}`, "the cosine"]
        : [`“${text}” leads ${rest} by ${plain(parts.total)}`, "the lead"];
    const heads = topHeads(findings, best, this.#top).map((head) => ({ ...head, part: head.contrast ?? head.value }));
    // Of nothing, or of less than nothing, there are no shares.
    const shared = parts.total > SMALLEST_WHOLE;
    const largest = Math.max(...heads.map(({ part }) => Math.abs(part)));
    const lines = heads.map((head) => {
      const bar = "█".repeat(Math.max(0, Math.round((head.part / largest) * BAR_COLUMNS)));
      const share = padStart(shared ? percent(head.part / parts.total) : "", 7);
      return `    ${padEnd(headName(head), LABEL - 2)}${padStart(signed(head.part), CELL)}  ${share}  ${bar}`.trimEnd();
    });
    return [`  ${title}. Heads that gave most${shared ? `, and their shares of ${whole}` : ""}:`, ...lines];
  }

  /** One line of attention and one of MLPs by layer; the earlier layers are added up where there is no room for all. */
  #layers(first: string, attention: Float32Array, second: string, mlps: Float32Array, additive: boolean): string[] {
    const show = (value: number): string => (additive ? signed(value) : plain(value));
    const fixed = LABEL + 2 + CELL * (additive ? 2 : 1);
    const room = Math.floor((this.#columns - fixed) / CELL);
    const layers = attention.length;
    const kept = layers <= room ? layers : room - (additive ? 1 : 0);
    const folded = additive ? layers - kept : 0;
    const row = (label: string, start: string, values: Float32Array, total: string): string => {
      const early = folded > 0 ? [show(sum(values.subarray(0, folded)))] : [];
      const cells = [start, ...early, ...Array.from(values.subarray(layers - kept), show), total];
      return `  ${padEnd(label, LABEL)}${cells.map((cell) => padStart(cell, CELL)).join("")}`.trimEnd();
    };
    const names = Array.from({ length: kept }, (_, i) => String(layers - kept + i));
    const range = folded > 0 ? [folded === 1 ? "0" : `0–${folded - 1}`] : [];
    const head = ["start", ...range, ...names, additive ? "sum" : ""];
    const tail = mlps.subarray(1);
    return [
      `  ${padEnd("layer", LABEL)}${head.map((cell) => padStart(cell, CELL)).join("")}`.trimEnd(),
      row(first, "", attention, additive ? show(sum(attention)) : ""),
      row(second, show(mlps[0]!), tail, additive ? show(sum(mlps)) : ""),
    ];
  }

  #norms({ norms }: PictureFindings): string[] {
    return this.#layers("‖attention‖", norms.attention, "‖MLP‖", norms.mlps, false);
  }

  #brief(index: number, findings: PictureFindings): string {
    const name = padEnd(fitMiddle(this.#names[index]!, this.#nameColumns), this.#nameColumns);
    if (findings.texts.length === 0) {
      const strongest = findings.norms.attention.indexOf(Math.max(...findings.norms.attention));
      return `${name}  strongest attention in layer ${strongest}, norm ${plain(findings.norms.attention[strongest]!)}\n`;
    }
    const [best] = ranking(findings) as [number];
    const { cosine, probability } = findings.texts[best]!;
    const [head] = topHeads(findings, best, 1);
    const share = findings.texts.length > 1 ? `${padStart(percent(probability), 6)}  ` : "";
    const score = `${share}cosine ${padStart(plain(cosine), 7)}`;
    const most = `${padEnd(headName(head!), 7)}${signed(head!.contrast ?? head!.value)}`;
    const room = this.#columns - columnsOf(`${name}    ${score}  ${most}`);
    return `${name}  ${padEnd(fitMiddle(this.#texts[best]!, room), room)}${score}  ${most}\n`;
  }
}

function sum(values: Float32Array): number {
  return values.reduce((a, b) => a + b, 0);
}
