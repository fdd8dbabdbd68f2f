import type { HubAccess } from "../models/locate.js";
import { byteProgress, type Progress } from "./progress.js";

/** Options of a download that show on stderr how it goes. */
export function downloadProgress(): Required<Pick<HubAccess, "onProgress" | "onNotice">> {
  let current: { readonly file: string; readonly bar: Progress } | undefined;
  return {
    onProgress({ file, receivedBytes, totalBytes }) {
      if (current?.file !== file) {
        current?.bar.clear();
        current = { file, bar: byteProgress(file, totalBytes) };
      }
      if (receivedBytes < totalBytes) current.bar.update(receivedBytes);
      else current.bar.clear();
    },
    onNotice(notice) {
      current?.bar.clear();
      process.stderr.write(`vitrine: ${notice}\n`);
    },
  };
}
