import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ts from 'typescript';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Every file that is, or is about to be, in the repository; paths from its root. An archive has no git, and git does not speak to
 * another user than the one whose checkout it is: then it is every file but what a clone would not have.
 */
export function projectFiles(list: () => string[] = listedByGit): string[] {
  const files = new Set(attempt(list) ?? walk(''));
  return [...files].filter((file) => existsSync(join(ROOT, file))).sort();
}

function listedByGit(): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard'];
  return execFileSync('git', args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'] })
    .toString()
    .split('\n')
    .filter(Boolean);
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** The names of .gitignore, and git's own. */
const LEFT_OUT = /^(node_modules|dist|\.steward|\.env|coverage|\.git|.*\.log)$/;

function walk(dir: string): string[] {
  return readdirSync(join(ROOT, dir), { withFileTypes: true })
    .filter(({ name }) => !LEFT_OUT.test(name))
    .flatMap((entry) => (entry.isDirectory() ? walk(join(dir, entry.name)) : [join(dir, entry.name)]));
}

export function readProjectFile(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** What in this source breaks the house's rules for the language, each with its line: `12: enum`. */
export function offences(file: string, source: string): string[] {
  const kind = file.endsWith('.tsx') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true, kind);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const offence = offenceOf(node);
    if (offence !== undefined) {
      found.push(`${tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1}: ${offence}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

function offenceOf(node: ts.Node): string | undefined {
  if (ts.isEnumDeclaration(node)) return 'enum';
  if (node.kind === ts.SyntaxKind.AnyKeyword) return 'any';
  if (ts.isExportAssignment(node) || node.kind === ts.SyntaxKind.DefaultKeyword) {
    return ts.isDefaultClause(node) ? undefined : 'default export';
  }
  if (ts.isExportSpecifier(node) && node.name.text === 'default') return 'default export';
  return readsEnvironment(node) ? 'process.env' : undefined;
}

function readsEnvironment(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node))
    return node.name.text === 'env' && /\bprocess$/.test(node.expression.getText());
  if (ts.isElementAccessExpression(node)) return /^process\[['"]env['"]\]$/.test(node.getText());
  // `const { env } = process` and `import { env } from 'node:process'` are the same thing in other words.
  if (ts.isVariableDeclaration(node))
    return node.initializer?.getText() === 'process' && /\benv\b/.test(node.name.getText());
  return ts.isImportDeclaration(node) && /^['"](node:)?process['"]$/.test(node.moduleSpecifier.getText());
}
