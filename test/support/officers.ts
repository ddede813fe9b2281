/** Two privacy officers, either of whom may approve what the other has asked for. */
export const ANN_AND_BOB = ['ann', 'bob'].map((id) => ({ id, email: `${id}@support.example`, mayApprove: true }));
