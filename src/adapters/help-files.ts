import type { Article } from '../store/help.ts';
export async function loadHelp(_dir: string): Promise<Article[]> {
  return [];
}
