/** The little Markdown that the pages of errors are written in: headings, paragraphs, lists and fenced code. */

export type Block =
  | { readonly kind: "heading" | "paragraph"; readonly text: readonly Inline[] }
  | { readonly kind: "list"; readonly items: readonly (readonly Inline[])[] }
  | { readonly kind: "code"; readonly text: string };

export interface Inline {
  readonly text: string;
  readonly code: boolean;
}

/** Everything after the page's title. */
export function readMarkdown(source: string): Block[] {
  const blocks: Block[] = [];
  for (const chunk of source.replace(/^# .*\n/, "").split(/(^```[\s\S]*?^```$)/m)) {
    if (chunk.startsWith("```")) blocks.push({ kind: "code", text: chunk.replace(/^```.*\n|\n?```$/g, "") });
    else blocks.push(...chunk.split(/\n\s*\n/).flatMap(readBlock));
  }
  return blocks;
}

function readBlock(chunk: string): Block[] {
  const text = chunk.trim();
  if (text === "") return [];
  if (/^#+ /.test(text)) {
    const [first = "", ...rest] = text.split("\n");
    return [{ kind: "heading", text: inlines(first.replace(/^#+ /, "")) }, ...readBlock(rest.join("\n"))];
  }
  if (/^(?:[-*]|\d+\.) /.test(text)) {
    return [
      {
        kind: "list",
        items: text
          .split(/^(?:[-*]|\d+\.) /m)
          .slice(1)
          .map(inlines),
      },
    ];
  }
  return [{ kind: "paragraph", text: inlines(text) }];
}

/** Links become their words: there is nothing to lead to. */
function inlines(text: string): Inline[] {
  return text
    .replace(/\s*\n\s*/g, " ")
    .replace(/\[([^\]]+)\]\([^)]*\)/g, "$1")
    .replace(/[*_]{2}([^*_]+)[*_]{2}/g, "$1")
    .trim()
    .split(/(`[^`]+`)/)
    .filter((part) => part !== "")
    .map((part) => ({ text: part.replaceAll("`", ""), code: part.startsWith("`") }));
}
