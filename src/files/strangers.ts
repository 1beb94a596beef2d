import { UserError } from '../errors';

/** What many have and nothing here reads, by its first bytes, each one a character: what it is, and what to do. */
const STRANGERS: readonly (readonly [begins: string, what: string, note: string])[] = [
  ['PK\x03\x04', 'is a zip archive', 'unpack it and name the file inside; a gzip file can stay as it is'],
  ['BZh', 'is packed with bzip2', 'unpack it first, or pack it with gzip'],
  ['\xfd7zXZ', 'is packed with xz', 'unpack it first, or pack it with gzip'],
  ['\x28\xb5\x2f\xfd', 'is packed with zstd', 'unpack it first, or pack it with gzip'],
  ['7z\xbc\xaf', 'is a 7-Zip archive', 'unpack it and name the file inside'],
  ['PAR1', 'is a Parquet file', 'save it as text'],
  ['ARROW1', 'is an Arrow file', 'save it as text'],
  ['\x89HDF', 'is an HDF5 file', 'save it as text'],
  ['SQLite format 3', 'is an SQLite database', 'save it as text'],
  ['%PDF-', 'is a PDF', 'save it as text'],
  ['\xd0\xcf\x11\xe0', 'is a document of Office', 'save it as text'],
];

/** Refuses what is to be unpacked or saved as text first. @param head how the file begins @throws UserError */
export function refuseUnreadable(path: string, head: Buffer): void {
  const begins = head.toString('latin1', 0, 16);
  const found = STRANGERS.find(([mark]) => begins.startsWith(mark));
  if (found) throw new UserError(`${path}: ${found[1]}`, found[2]);
}
