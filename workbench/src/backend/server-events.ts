/** Server-sent events, read from a response: `EventSource` cannot send the server's token. */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/** `onBytes` hears of every piece that comes, signs of life included. */
export async function* serverEvents(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  onBytes: () => void,
): AsyncGenerator<ServerEvent> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  // A result is one long line, which comes in many pieces.
  let line: string[] = [];
  let event = "message";
  let data: string[] = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes();
      const [first, ...rest] = value.split("\n") as [string, ...string[]];
      line.push(first);
      for (const next of rest) {
        const whole = line.join("");
        line = [next];
        if (whole.startsWith("event: ")) event = whole.slice("event: ".length);
        else if (whole.startsWith("data: ")) data.push(whole.slice("data: ".length));
        else if (whole === "") {
          if (data.length > 0) yield { event, data: data.join("\n") };
          event = "message";
          data = [];
        }
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
