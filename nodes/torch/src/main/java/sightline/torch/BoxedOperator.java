package sightline.torch;

import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;

/** An operator of LibTorch's registry that JavaCPP has no method for. */
final class BoxedOperator {
    private final OperatorHandle handle;

    private BoxedOperator(OperatorHandle handle) {
        this.handle = handle;
    }

    /** @param overload what stands after the operator's name and a dot, or nothing */
    static BoxedOperator named(String name, String overload) {
        return new BoxedOperator(Scopes.lasting(Dispatcher.singleton().findSchemaOrThrow(name, overload)));
    }

    /** The empty list that the operator's argument at this place may be, for all calls to come. */
    IValue emptyList(int argument) {
        return Scopes.lasting(new IValue(new GenericList(
                handle.schema().arguments().getPointer(argument).type().get().containedType(0))));
    }

    /** A text argument, for all calls to come. */
    static IValue text(String value) {
        return Scopes.lasting(new IValue(value));
    }

    Tensor call(IValue... arguments) {
        IValueVector stack = new IValueVector(arguments);
        handle.callBoxed(stack);
        // toTensor refers into the stack, which the innermost scope frees: copy the handle.
        return Tensor.wrap(new org.bytedeco.pytorch.Tensor(stack.get(0).toTensor()));
    }
}
