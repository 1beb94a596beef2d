import { againstFloor, FLOORS } from '../metrics/floor';
import type { Report } from '../metrics/scores';
import { percent, signedPercent } from '../numbers';

/** Such as `floor 44.33 (the longest training entity ...): this is +0.42`; nothing where a report has no floor. */
export function floorLines(report: Report): string[] {
  const compared = againstFloor(report);
  if (!compared || !report.floor) return [];
  const { scored, floor } = compared;
  const what = report.entities ? 'micro F1' : 'accuracy';
  return [
    `floor: ${what} ${percent(floor)} by look-up, this is ${signedPercent(scored - floor)} (${floorNote(report.floor)})`,
  ];
}

const floorNote = ({ method }: NonNullable<Report['floor']>): string => `${method}: ${FLOORS[method]}`;
