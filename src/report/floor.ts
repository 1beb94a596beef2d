import { againstFloor, FLOORS } from '../metrics/floor';
import type { Report } from '../metrics/scores';
import { percent, signedPercent } from '../numbers';
import type { RunResult } from '../run/result';

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

/** A warning where a finished tagger is worse than a look-up; empty where it is not, or where it learned nothing at all. */
export function floorWarning({ dev, test, learned }: Pick<RunResult, 'dev' | 'test' | 'learned'>): string {
  if (!learned) return '';
  const worse = Object.entries(test ? { dev, test } : { dev }).flatMap(([split, report]) => {
    const compared = againstFloor(report);
    if (!compared || compared.scored >= compared.floor) return [];
    return [`${percent(compared.scored)} on ${split} where the look-up has ${percent(compared.floor)}`];
  });
  if (worse.length === 0) return '';
  return (
    `warning: worse than looking up what training holds: ${worse.join(', ')}\n` +
    'note: more epochs, a higher learning rate or another loss may help; a tagger that cannot beat the look-up has learned less than it\n'
  );
}
