package sightline.torch;

import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Where the tensors of this process lie: every one that is made is made there. */
final class Placement {
    private final Device device;

    private Placement(Device device) {
        this.device = device;
    }

    /**
     * Places tensors on a device.
     *
     * @throws IllegalArgumentException if it is not there
     */
    static Placement on(Device device) {
        boolean there = switch (device.kind()) {
            case CPU -> true;
            case CUDA -> torch.hasCUDA() && device.index() < torch.getNumGPUs();
            case HPU -> torch.hasHPU();
        };
        if (!there) {
            throw new IllegalArgumentException("device: " + device + " (expected: "
                    + (device.kind() == Device.Kind.CUDA && torch.hasCUDA()
                            ? "cuda:0 to cuda:" + (torch.getNumGPUs() - 1) + ", or cpu)"
                            : "cpu, the only one that this build and machine have)"));
        }
        return new Placement(device);
    }

    private boolean isHost() {
        return device.kind() == Device.Kind.CPU;
    }

    /** For a tensor that is made where the others lie. */
    TensorOptions options(ScalarType type) {
        TensorOptions options = new TensorOptions(type);
        return isHost() ? options : options.device(new DeviceOptional(torchDevice()));
    }

    /** Itself on the CPU, else a copy on the device. */
    org.bytedeco.pytorch.Tensor moved(org.bytedeco.pytorch.Tensor host) {
        return isHost() ? host : host.to(torchDevice(), host.scalar_type());
    }

    private org.bytedeco.pytorch.Device torchDevice() {
        DeviceType type = switch (device.kind()) {
            case CPU -> DeviceType.CPU;
            case CUDA -> DeviceType.CUDA;
            case HPU -> DeviceType.HPU;
        };
        return new org.bytedeco.pytorch.Device(type, (byte) device.index());
    }
}
