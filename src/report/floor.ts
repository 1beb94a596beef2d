import { againstFloor, FLOORS } from '../metrics/floor';
import type { Report } from '../metrics/scores';
import { percent } from '../wording';

/** Such as `floor: micro F1 44.33 by look-up; this is 0.42 above (...)`; nothing where a report has no floor. */
export function floorLines(report: Report): string[] {
  const compared = againstFloor(report);
  if (!compared || !report.floor) return [];
  const { scored, floor } = compared;
  const what = report.entities ? 'micro F1' : 'accuracy';
  const apart = percent(Math.abs(scored - floor));
  const where = apart === percent(0) ? 'the same' : `${apart} ${scored > floor ? 'above' : 'below'}`;
  return [`floor: ${what} ${percent(floor)} by look-up; this is ${where} (${floorNote(report.floor)})`];
}

const floorNote = ({ method }: NonNullable<Report['floor']>): string => `${method}: ${FLOORS[method]}`;
