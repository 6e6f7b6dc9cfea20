import { customValue } from '../contracts/model-elements.ts';
import type { Contract } from '../contracts/odcs.ts';

/** How a dataset's releases are compared with the ones before. */
export interface ObservationSettings {
  /** Whether a release that is not like the ones before opens an incident. */
  deviations: boolean;
  /** Releases looked back. */
  history: number;
  minimumHistory: number;
  /** Width of the usual range, in robust standard deviations. */
  sensitivity: number;
  /** Columns that are not compared. */
  ignore: string[];
}

export const DEFAULT_SETTINGS: ObservationSettings = {
  deviations: true,
  history: 60,
  minimumHistory: 7,
  sensitivity: 4,
  ignore: [],
};

/** The custom property of a contract that turns them: `off`, or a mapping of {@link ObservationSettings}. */
export const OBSERVATIONS = 'observations';

/** Within which bounds a setting means something; beyond them the nearest bound counts. */
const BOUNDS = { history: [5, 200], minimumHistory: [3, 100], sensitivity: [1, 20] } as const;

/** The settings of a contract. What it says wrongly counts as not said: a measure is never lost by a slip. */
export function observationSettings(contract: Contract): ObservationSettings {
  const asked = customValue(contract.customProperties, OBSERVATIONS);
  if (asked === 'off' || asked === false) return { ...DEFAULT_SETTINGS, deviations: false };
  if (asked === null || typeof asked !== 'object' || Array.isArray(asked)) return DEFAULT_SETTINGS;
  const given = asked as Record<string, unknown>;
  const number = (key: keyof typeof BOUNDS): number => {
    const value = given[key];
    const [low, high] = BOUNDS[key];
    return typeof value === 'number' ? Math.min(high, Math.max(low, value)) : DEFAULT_SETTINGS[key];
  };
  const ignore = Array.isArray(given['ignore']) ? given['ignore'] : [];
  return {
    deviations: given['deviations'] !== false && given['deviations'] !== 'off',
    history: Math.round(number('history')),
    minimumHistory: Math.round(number('minimumHistory')),
    sensitivity: number('sensitivity'),
    ignore: ignore.filter((name) => typeof name === 'string'),
  };
}
