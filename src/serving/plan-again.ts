import { access } from 'node:fs/promises';
import { isMeshError } from '../base/errors.ts';

/**
 * Plans and answers. Rows that are erased or expire take their files with them at once: who was planned on them is
 * planned once more, on the files that took their place.
 */
export async function planAgain<Plan extends { files: string[] }, Answer>(
  plan: () => Promise<Plan>,
  answer: (plan: Plan) => Promise<Answer>,
): Promise<Answer> {
  let files: string[] = [];
  const attempt = async () => {
    const planned = await plan();
    ({ files } = planned);
    return answer(planned);
  };
  try {
    return await attempt();
  } catch (error) {
    const isGone = isMeshError(error, 'lake.object-missing') || (await isAnyGone(files));
    if (!isGone) throw error;
    return attempt();
  }
}

async function isAnyGone(files: string[]): Promise<boolean> {
  const looks = await Promise.allSettled(files.map((file) => access(file)));
  return looks.some(({ status }) => status === 'rejected');
}
