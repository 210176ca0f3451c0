// Saves what a chart shows as a file. It works in a page from disk too, and asks no server.
const MEDIA_TYPES = { csv: 'text/csv;charset=utf-8', svg: 'image/svg+xml;charset=utf-8' } as const;

/** Pixels of a PNG for each pixel of the picture, so that it is sharp in print. */
const PNG_SCALE = 2;

/** Bytes of a text file. */
export const textBlob = (text: string, type: keyof typeof MEDIA_TYPES): Blob =>
  new Blob([text], { type: MEDIA_TYPES[type] });

/** Lets the browser save the bytes under a name. */
export function saveFile(name: string, blob: Blob): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // A browser that asks where to save still reads the address after the click.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** A picture as an SVG file. */
export const svgText = (svg: SVGSVGElement): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(svg)}\n`;

/** Loads a picture, by the event: in WebKit the promise of `decode()` may fail for a whole SVG, or never end. */
const loadImage = (source: string): Promise<HTMLImageElement> =>
  new Promise((done, fail) => {
    const image = new Image();
    image.onload = () => done(image);
    image.onerror = fail;
    image.src = source;
  });

/** A picture as a PNG file. @throws {Error} with a sentence for the reader if the browser cannot draw it */
export async function pngBlob(svg: SVGSVGElement): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = PNG_SCALE * Number(svg.getAttribute('width'));
  canvas.height = PNG_SCALE * Number(svg.getAttribute('height'));
  const failed = 'This browser could not make the PNG. Take the SVG.';
  const source = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(svg))}`;
  const image = await loadImage(source).catch(() => {
    throw new Error(failed);
  });
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'));
  if (!blob) throw new Error(failed);
  return blob;
}
