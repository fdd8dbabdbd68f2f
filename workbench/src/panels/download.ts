/** Takes figures out of the page. */
import { exportedText, type ExportFormat, type Figure, fileName } from "./exports.js";

const MIME = { svg: "image/svg+xml", csv: "text/csv;charset=utf-8", json: "application/json" };
const PNG_SCALE = 2;

/** Makes the file and hands it to the browser's downloads. Rejected for a format that the figure does not have. */
export async function download(figure: Figure, format: ExportFormat): Promise<void> {
  const content =
    format === "png"
      ? await toPng(await exportedText(figure, "svg"))
      : new Blob([await exportedText(figure, format)], { type: MIME[format] });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = fileName(figure.title, figure.model, format);
  link.click();
  // Browsers read the address after this task; a minute is plenty.
  setTimeout(() => {
    URL.revokeObjectURL(link.href);
  }, 60_000);
}

async function toPng(svg: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = new OffscreenCanvas(image.naturalWidth * PNG_SCALE, image.naturalHeight * PNG_SCALE);
  canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: "image/png" });
}
