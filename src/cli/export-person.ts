import { StewardError } from '../domain/errors.ts';
import { type Context, sayJson } from './context.ts';
import { byArgument } from './who.ts';

export interface ExportOptions {
  readonly customer?: string;
}

/** Always JSON: for the person, and for programs. @throws StewardError InvalidRequest, CustomerUnknown */
export async function exportPerson(
  context: Context,
  address: string | undefined,
  options: ExportOptions,
): Promise<void> {
  const { customer } = options;
  if ((address === undefined) === (customer === undefined)) {
    throw new StewardError('InvalidRequest', 'name the person by the address, or by --customer and the id');
  }
  if (address !== undefined && !address.includes('@')) {
    throw new StewardError('InvalidRequest', 'ADDRESS: expected an e-mail address; an id goes behind --customer');
  }
  const who = customer === undefined ? { email: address ?? '' } : { customerId: customer };
  const { privacy } = await context.operator();
  const found = privacy.exportPerson(who, new Date(context.now()), async (ids) => (await context.runWords())(ids));
  sayJson(context, await byArgument(customer === undefined ? 'ADDRESS' : '--customer', found));
}
