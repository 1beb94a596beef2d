import { addCompare } from './compare';
import { addCompareRun } from './compareRun';
import { addCompletion } from './completion';
import { addConfig } from './config';
import type { AddCommand } from './context';
import { addConvert } from './convert';
import { addDoctor } from './doctor';
import { addEvaluate } from './evaluate';
import { addExplain } from './explain';
import { addExport } from './export';
import { addInspect } from './inspect';
import { addLosses } from './losses';
import { addSetup } from './setup';
import { addSplit } from './split';
import { addTag } from './tag';
import { addTrain } from './train';

/** The commands, in the order of the help. */
export const COMMANDS: readonly AddCommand[] = [
  addTrain,
  addCompare,
  addEvaluate,
  addExplain,
  addTag,
  addExport,
  addSplit,
  addConvert,
  addInspect,
  addLosses,
  addConfig,
  addSetup,
  addDoctor,
  addCompletion,
  addCompareRun,
];
