import { describe, expect, test } from 'vitest';
import { judge } from '../../src/config.ts';

describe('a Temporal server of our own', () => {
  const shell = { TEMPORAL_NAMESPACE: 'elsewhere', TEMPORAL_API_KEY: 'a key' };

  test('is not asked for the namespace and the key that a shell exports for another', () => {
    const { config, secrets } = judge(shell);
    expect(config.temporal).toMatchObject({ address: undefined, namespace: 'default' });
    expect(secrets.temporalApiKey).toBeUndefined();
  });

  test('is none where TEMPORAL_ADDRESS names one: then both count', () => {
    const { config, secrets } = judge({ ...shell, TEMPORAL_ADDRESS: 'temporal.example:7233' });
    expect(config.temporal).toMatchObject({ address: 'temporal.example:7233', namespace: 'elsewhere' });
    expect(secrets.temporalApiKey).toBe('a key');
  });
});

test.each(['https://help.example', 'https://help.example/', 'https://help.example//'])(
  'links begin with %s without a slash at its end',
  (url) => {
    const { config } = judge({ STEWARD_PUBLIC_URL: url, STEWARD_WEB_UI_URL: url });
    expect(config.gateway.publicUrl).toBe('https://help.example');
    expect(config.temporal.webUiUrl).toBe('https://help.example');
  },
);
